-- answers: why are the cells of each feature of this run skewed?
-- reads: causes
-- parameters: $run_id
select feature, cause, cells
from skewguard.main.causes
where run_id = $run_id
order by feature, cells desc, cause;
