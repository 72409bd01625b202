-- answers: of which entity is online the source value, in all of these cells?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    source_value,
    offline_value,
    online_value,
    evidence->>'entity' as online_is_source_of,
    evidence->>'pairs' as pairs,
    evidence->>'key' as key,
    evidence->>'shift' as shift,
    (evidence->>'entity' is not null or online_value is null) and try_cast(evidence->>'cells' as bigint) = count(*) over () as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
