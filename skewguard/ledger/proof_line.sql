-- answers: which one line leads from offline to online over all of these cells, and how exactly (1 is on the line)?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    count(*) as cells,
    regr_slope(online_number, offline_number) as a,
    regr_intercept(online_number, offline_number) as b,
    regr_r2(online_number, offline_number) as fit
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed;
