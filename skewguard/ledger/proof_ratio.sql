-- answers: what is online over offline in each of these cells?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select entity, offline_number, online_number, online_number / offline_number as ratio, evidence
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 20;
