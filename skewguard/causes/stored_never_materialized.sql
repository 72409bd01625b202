-- answers: which cells are empty online because nothing of the view was ever materialized?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'windows', recorded, 'online_store_holds_rows', holds_rows, 'source_event', moment(source_us), 'rows_of_no_window', rows_of_no_window
)::varchar as evidence
from cause_cells
cross join cause_view
where live and online_departs and online_is_behind and (recorded = 0 or (not online_returned and holds_rows = false))
