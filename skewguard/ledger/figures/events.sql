-- answers: which share of the compared cells is skewed, by when their source event happened?
-- reads: event_times
-- parameters: $run_id
select feature, moment, epoch(step) as step_seconds, compared, skewed, skewed / compared as rate
from event_times
where run_id = $run_id and compared > 0
order by feature, moment
