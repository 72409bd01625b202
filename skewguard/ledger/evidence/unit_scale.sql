-- answers: is online offline times one ratio, but for the residual?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    offline_number,
    online_number,
    online_number / offline_number as ratio,
    try_cast(evidence->>'ratio' as double) as one_ratio,
    try_cast(evidence->>'max_residual' as double) as max_residual,
    abs(online_number - try_cast(evidence->>'ratio' as double) * offline_number)
        <= try_cast(evidence->>'max_residual' as double) + 1e-9 * abs(online_number) as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
