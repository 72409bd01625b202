-- answers: which is the newest event at or before an instant?
-- reads: source_events: event_time
-- parameters: $not_after, of the type of event_time
select
    case -- no earlier than the event itself: what is finer than a microsecond is rounded up
        when typeof(max(event_time)) = 'TIMESTAMP_NS'
            then epoch_ns(max(event_time)) // 1000 + (epoch_ns(max(event_time)) % 1000 > 0)::integer
        else epoch_us(max(event_time))
    end as newest_us
from source_events
where event_time <= $not_after
