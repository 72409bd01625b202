-- answers: what did the laws of this run come to, in the order in which they were written?
-- reads: laws
-- parameters: $run_id
select transform, law, verdict, examples, counterexample, message
from skewguard.main.laws
where run_id = $run_id
order by rowid;
