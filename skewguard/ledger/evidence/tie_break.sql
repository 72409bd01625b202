-- answers: do several source rows share the event, and did each side take another?
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
    try_cast(evidence->>'rows_tied' as bigint) as rows_tied,
    try_cast(evidence->>'rows_tied' as bigint) > 1 and offline_value is distinct from online_value as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
