-- answers: did a window cover the event of the online row, which the source does not have?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    source_value,
    offline_value,
    online_value,
    source_event_timestamp,
    online_event_timestamp,
    freshness_lag,
    try_cast(evidence->>'online_event_in_source' as boolean) as online_event_in_source,
    try_cast(evidence->>'window_start' as timestamptz) as window_start,
    try_cast(evidence->>'window_end' as timestamptz) as window_end,
    not try_cast(evidence->>'online_event_in_source' as boolean)
        and try_cast(evidence->>'online_event' as timestamptz) <= try_cast(evidence->>'window_end' as timestamptz)
        and try_cast(evidence->>'online_event' as timestamptz) + interval 1 second > try_cast(evidence->>'window_start' as timestamptz) as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
