-- answers: when did each row of a slice happen, and from when on was it known? Null where it has no event time.
-- reads: slice_events: event_us, created_us (null where unknown), in the order of the file
-- parameters: none
select event_us, case when event_us is not null then greatest(event_us, coalesce(created_us, event_us)) end as known_us
from slice_events
