-- answers: is online one linear function of offline, but for the residual?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    offline_number,
    online_number,
    try_cast(evidence->>'slope' as double) as a,
    try_cast(evidence->>'intercept' as double) as b,
    try_cast(evidence->>'max_residual' as double) as max_residual,
    regr_r2(online_number, offline_number) over () as fit,
    abs(online_number - (try_cast(evidence->>'slope' as double) * offline_number + try_cast(evidence->>'intercept' as double)))
        <= try_cast(evidence->>'max_residual' as double) + 1e-9 * (abs(online_number) + abs(try_cast(evidence->>'intercept' as double))) as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
