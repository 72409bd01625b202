-- answers: which runs does the ledger hold, newest first?
-- reads: runs
-- parameters: none
select run_id
from skewguard.main.runs
order by started_at desc, run_id desc;
