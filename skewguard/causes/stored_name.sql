-- answers: nothing; gives the cause to the cells that it fits and that no earlier one explained
-- reads: cause_found (row_id, position, evidence), cause_named
-- parameters: cause
insert into cause_named
select row_id, position, $cause, evidence
from cause_found
anti join cause_named using (row_id, position)
