-- answers: how far is each of these cells off, and what is the evidence?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select entity, source_number, offline_number, online_number, abs_error, rel_error, evidence
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 20;
