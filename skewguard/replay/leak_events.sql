-- answers: which events do these entities have, and when was each created? At once, where the source does not say.
-- reads: leak_source: position, k, k0, k1, ..., event_us, created_us; leak_entities: entity, k, k0, k1, 
-- parameters: none
select entity, position, event_us, coalesce(created_us, event_us) as created_us
from leak_source natural join leak_entities
where event_us is not null
