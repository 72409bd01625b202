-- answers: did the offline store give no row, though the source has a value?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    source_value,
    offline_value,
    online_value,
    try_cast(evidence->>'offline_row' as boolean) as offline_row,
    not try_cast(evidence->>'offline_row' as boolean) and offline_value is null and source_value is not null as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
