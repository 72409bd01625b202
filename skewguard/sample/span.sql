-- answers: how many rows does a source hold, how many of them without a key or a time, and which times do they span?
-- reads: source_events: event_time, keyed (false where a join key is null)
-- parameters: none
select
    count(*) as total,
    count(*) filter (where not keyed) as unkeyed,
    count(*) - count(event_time) as untimed,
    epoch_us(min(event_time)) as oldest_us,
    case -- no earlier than the event itself: what is finer than a microsecond is rounded up
        when typeof(max(event_time)) = 'TIMESTAMP_NS'
            then epoch_ns(max(event_time)) // 1000 + (epoch_ns(max(event_time)) % 1000 > 0)::integer
        else epoch_us(max(event_time))
    end as newest_us
from source_events
