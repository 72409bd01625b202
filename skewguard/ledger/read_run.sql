-- answers: what was this run?
-- reads: runs
-- parameters: $run_id
select *
from skewguard.main.runs
where run_id = $run_id;
