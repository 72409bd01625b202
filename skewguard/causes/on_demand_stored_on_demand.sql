-- answers: which stored outputs are not what today's code makes of today's inputs, while that is the offline value?
-- reads: rerun_cells (on_demand_cells.sql), rerun_view (one row)
-- parameters: none
select row_id, position, json_object(
    'test', 'computed anew from the online inputs', 'computed', served_text
)::varchar as evidence
from rerun_cells
cross join rerun_view
-- In a sandbox it was written a moment ago, from these very inputs.
where stored and live and returned and same_training and served_offline and not same_serving
