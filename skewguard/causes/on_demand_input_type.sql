-- answers: in which cells do the types of a request alone turn the offline output into the online one?
-- reads: rerun_cells (on_demand_cells.sql)
-- parameters: none
select row_id, position, json_object(
    'test', 'the row alone, typed as each path types it', 'offline_types', alone_text, 'online_types', types_text
)::varchar as evidence
from rerun_cells
where own_fault and alone_offline and types_online and not types_offline
