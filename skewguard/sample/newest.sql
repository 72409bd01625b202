-- answers: which is the newest event at or before an instant?
-- reads: source_events: event_time
-- parameters: $not_after, of the type of event_time
select epoch_us(max(event_time)) as newest_us
from source_events
where event_time <= $not_after
