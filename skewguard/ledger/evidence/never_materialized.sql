-- answers: was no window recorded, or does the online store hold no row of the view?
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
    try_cast(evidence->>'windows' as bigint) as windows,
    try_cast(evidence->>'online_store_holds_rows' as boolean) as online_store_holds_rows,
    (try_cast(evidence->>'windows' as bigint) = 0 or not try_cast(evidence->>'online_store_holds_rows' as boolean)) as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
