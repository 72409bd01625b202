-- answers: is the event of the online row later than as-of?
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
    as_of,
    try_cast(evidence->>'online_event' as timestamptz) > try_cast(evidence->>'as_of' as timestamptz) as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
