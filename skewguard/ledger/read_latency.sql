-- answers: how long did the online requests of this run take?
-- reads: latency
-- parameters: $run_id
select feature_view, service, requests, p50, p95, p99
from skewguard.main.latency
where run_id = $run_id
order by rowid;
