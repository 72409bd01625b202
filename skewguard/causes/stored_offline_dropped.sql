-- answers: for which cells did the offline store return no row, though the source has a value?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'offline_row', false, 'source_event', moment(source_us)
)::varchar as evidence
from cause_cells
cross join cause_view
where not offline_returned and source_known and not source_null
