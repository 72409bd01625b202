-- answers: when did the source events of this run's skewed features happen (step in seconds)?
-- reads: event_times
-- parameters: $run_id
select feature, moment, extract(epoch from step) as step, compared, skewed
from skewguard.main.event_times
where run_id = $run_id
order by rowid;
