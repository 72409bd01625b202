-- answers: what do the two texts of each cell have in common?
-- reads: pattern_texts (row_id, offline, online: folded)
-- parameters: none
select row_id, json_object('folded', offline)::varchar as detail
from pattern_texts
