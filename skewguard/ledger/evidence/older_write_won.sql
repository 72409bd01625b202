-- answers: does online hold an older event, which a later window covers or nobody but a push can have written?
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
    try_cast(evidence->>'window_end' as timestamptz) as window_end,
    try_cast(evidence->>'later_window_start' as timestamptz) as later_window_start,
    try_cast(evidence->>'later_window_end' as timestamptz) as later_window_end,
    try_cast(evidence->>'online_event_in_source' as boolean) as online_event_in_source,
    try_cast(evidence->>'online_event' as timestamptz) < try_cast(evidence->>'source_event' as timestamptz)
        and coalesce(
            try_cast(evidence->>'later_window_end' as timestamptz) < try_cast(evidence->>'source_event' as timestamptz),
            not try_cast(evidence->>'online_event_in_source' as boolean)
        ) as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
