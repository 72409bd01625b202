-- answers: which entities have an event at or before as-of, and not all of them too long ago?
-- reads: source_events: k0, k1, ... (join keys), event_time, keyed (false where a join key is null)
-- parameters: $as_of, of the type of event_time; $since, of that type, null where no event is too old
select distinct columns('^k[0-9]+$')
from source_events
where keyed and event_time <= $as_of and coalesce(event_time >= $since, true)
