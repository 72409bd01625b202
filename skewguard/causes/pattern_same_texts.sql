-- answers: how many cells have texts that differ once both are folded?
-- reads: pattern_texts (row_id, offline, online: folded)
-- parameters: none
select count_if(offline is null or online is null or offline <> online) as differing
from pattern_texts
