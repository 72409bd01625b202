-- answers: what did this run find, feature by feature, in the order in which they were written?
-- reads: features
-- parameters: $run_id
select * replace (epoch(max_freshness_lag) as max_freshness_lag)
from skewguard.main.features
where run_id = $run_id
order by rowid;
