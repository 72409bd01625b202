-- answers: which source rows can any entity see at as-of, among them those without a time?
-- reads: source_events: event_time, c0, c1, ... (columns)
-- parameters: $as_of, of the type of event_time
select columns('^c[0-9]+$')
from source_events
where event_time is null or event_time <= $as_of
