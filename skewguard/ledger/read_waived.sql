-- answers: which skewed cells does the verdict of this run look past?
-- reads: waived
-- parameters: $run_id
select feature, cause, cells
from skewguard.main.waived
where run_id = $run_id
order by rowid;
