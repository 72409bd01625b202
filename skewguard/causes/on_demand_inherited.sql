-- answers: in which cells are the inputs skewed, and would the two sides agree if the inputs did?
-- reads: rerun_cells (on_demand_cells.sql)
-- parameters: none
select row_id, position, json_object(
    'test', 'the inputs of one side given to the other', 'inputs', inputs,
    'served_offline_inputs', fed_text, 'trained_on_online_inputs', swapped_text
)::varchar as evidence
from rerun_cells
where inputs_skewed
    and same_serving
    and case when returned then same_training else not (source_known and not source_null) end
    and (fed_offline or (swapped_online and not fed_online))
