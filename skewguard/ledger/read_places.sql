-- answers: where are the views of this run defined?
-- reads: places
-- parameters: $run_id
select feature_view, file, line
from skewguard.main.places
where run_id = $run_id
order by rowid;
