-- answers: in which cells does the row alone, its columns and types kept, give the online output and not the batch's?
-- reads: rerun_cells (on_demand_cells.sql)
-- parameters: none
select row_id, position, json_object(
    'test', 'the row out of its batch, its columns and types kept', 'among_others', offline_0_text, 'alone', alone_text
)::varchar as evidence
from rerun_cells
where own_fault and alone_there and alone_online and not alone_offline
