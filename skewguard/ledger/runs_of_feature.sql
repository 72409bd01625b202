-- answers: which runs looked at this feature, newest first?
-- reads: runs, features
-- parameters: $feature
select run_id
from skewguard.main.runs
join skewguard.main.features using (run_id)
where feature = $feature
order by started_at desc, run_id desc;
