-- answers: to which entity does the served value of each cell belong?
-- reads: pattern_pairs (row_id, other_row_id), pattern_entities (other_row_id, entity: JSON)
-- parameters: none
select row_id, json_object('entity', entity::json)::varchar as detail
from pattern_pairs
join pattern_entities using (other_row_id)
