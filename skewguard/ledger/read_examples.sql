-- answers: which are the first differing cells of each feature of this run, skewed ones first?
-- reads: diffs
-- parameters: $run_id, $per_feature
select feature, row_id, entity, kind, cause, blame, source_value, offline_value, online_value, evidence
from skewguard.main.diffs
where run_id = $run_id
qualify row_number() over (partition by feature order by skewed desc, row_id) <= $per_feature
order by feature, skewed desc, row_id;
