-- answers: what did the contracts come to in this run?
-- reads: contract
-- parameters: $run_id
select feature, side, rule, expected, checked, broken, example_row_id, example_value
from skewguard.main.contract
where run_id = $run_id
order by rowid;
