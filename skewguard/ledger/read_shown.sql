-- answers: which cells does the report of this run show, in its order?
-- reads: examples, diffs
-- parameters: $run_id
select feature, row_id, entity, kind, cause, blame, source_value, offline_value, online_value, evidence
from skewguard.main.examples
join skewguard.main.diffs using (run_id, feature, row_id)
where run_id = $run_id
order by examples.rowid;
