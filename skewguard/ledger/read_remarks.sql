-- answers: what did this run skip, fail at and note, in the order in which it said so?
-- reads: remarks
-- parameters: $run_id
select kind, feature, message
from skewguard.main.remarks
where run_id = $run_id
order by rowid;
