-- answers: does the event lie between windows, in none?
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
    try_cast(evidence->>'first_window_start' as timestamptz) as first_window_start,
    try_cast(evidence->>'last_window_end' as timestamptz) as last_window_end,
    try_cast(evidence->>'windows_around_it' as bigint) as windows_around_it,
    try_cast(evidence->>'source_event' as timestamptz) between try_cast(evidence->>'first_window_start' as timestamptz)
        and try_cast(evidence->>'last_window_end' as timestamptz)
        and try_cast(evidence->>'windows_around_it' as bigint) = 0 as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
