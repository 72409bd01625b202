-- answers: in which cells does the form of a null alone turn the offline output into the online one?
-- reads: rerun_cells (on_demand_cells.sql)
-- parameters: none
select row_id, position, json_object(
    'test', 'the row alone, its nulls and what they made float as a request has them',
    'null_inputs', null_inputs, 'made_float', made_float, 'offline_form', alone_text, 'online_form', nulls_text
)::varchar as evidence
from rerun_cells
where own_fault and alone_offline and nulls_online and not nulls_offline
