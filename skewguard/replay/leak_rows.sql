-- answers: of which entity is each entity row?
-- reads: leak_asked: row_id, as_of_us, k, k0, k1, ...; leak_entities: entity, k, k0, k1, 
-- parameters: none
select row_id, entity, as_of_us
from leak_asked natural join leak_entities
