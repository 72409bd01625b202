-- answers: which features does this run have, or all runs where none is named?
-- reads: features
-- parameters: $run_id
select distinct feature
from skewguard.main.features
where $run_id is null or run_id = $run_id
order by feature;
