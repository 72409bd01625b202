-- answers: is online offline plus one shift?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    offline_value,
    online_value,
    try_cast(evidence->>'shift_seconds' as double) as shift_seconds,
    epoch(try_cast(online_value as timestamptz)) - epoch(try_cast(offline_value as timestamptz)) = try_cast(evidence->>'shift_seconds' as double) as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
