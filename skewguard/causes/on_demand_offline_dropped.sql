-- answers: for which cells did the offline store return no row, though the source has a value?
-- reads: rerun_cells (on_demand_cells.sql)
-- parameters: none
select row_id, position, json_object('offline_row', false)::varchar as evidence
from rerun_cells
where not returned and source_known and not source_null
