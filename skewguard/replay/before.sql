-- Which source events had happened by the instant of each entity row?
-- Reads leak_asked: row_id, as_of_us, k, k0, k1, ...; leak_events: position, k, k0, k1, ..., event_us, created_us (null: as the event).
-- Parameters: none.
select row_id, as_of_us, position, event_us, coalesce(created_us, event_us) as created_us
from leak_asked natural join leak_events
where event_us <= as_of_us
