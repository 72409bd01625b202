-- answers: what became of the waivers in this run?
-- reads: waivers
-- parameters: $run_id
select feature, pattern, cause, reason, owner, expires, max_rate, standing, cells
from skewguard.main.waivers
where run_id = $run_id
order by rowid;
