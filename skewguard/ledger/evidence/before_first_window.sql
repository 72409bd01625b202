-- answers: is the event earlier than the start of every window?
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
    try_cast(evidence->>'source_event' as timestamptz) < try_cast(evidence->>'first_window_start' as timestamptz) as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
