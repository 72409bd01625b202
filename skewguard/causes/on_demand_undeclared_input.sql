-- answers: in which cells do the two sides agree once the offline path, too, gives the declared columns alone?
-- reads: rerun_cells (on_demand_cells.sql)
-- parameters: none
select row_id, position, json_object(
    'test', 'the batch with the declared columns alone', 'offline_only_columns', beyond, 'declared_only', declared_text
)::varchar as evidence
from rerun_cells
where own_fault and len(beyond) > 0 and declared_online and not declared_offline
