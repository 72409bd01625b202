-- answers: what have the two texts in common after normalisation, case folding and trimming?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    offline_value,
    online_value,
    evidence->>'equal_after' as equal_after,
    evidence->>'folded' as folded,
    evidence->>'folded' is not null and offline_value <> online_value as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
