-- answers: is online stored in another type than the declared one?
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
    evidence->>'stored_as' as stored_as,
    evidence->>'declared_as' as declared_as,
    evidence->>'stored_as' <> evidence->>'declared_as' as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
