-- answers: of which feature is online the source value, in all of these cells?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    source_value,
    offline_value,
    online_value,
    evidence->>'feature' as online_is_source_of,
    try_cast(evidence->>'cells' as bigint) = count(*) over () as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
