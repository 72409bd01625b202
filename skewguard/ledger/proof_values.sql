-- answers: what are the three values of each of these cells, who departs, and what is the evidence?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select entity, kind, blame, source_value, offline_value, online_value, evidence
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 20;
