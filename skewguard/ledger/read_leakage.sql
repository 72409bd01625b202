-- answers: what leaked in this run, by feature and lag (in seconds)?
-- reads: leakage
-- parameters: $run_id
select feature, extract(epoch from lag) as lag, cells, leaked, rate
from skewguard.main.leakage
where run_id = $run_id
order by rowid;
