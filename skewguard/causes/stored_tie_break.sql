-- answers: in which cells did each side take another of the source rows that share the newest event and created time?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'rows_tied', ties, 'source_event', moment(source_us), 'source_created', moment(created_us)
)::varchar as evidence
from cause_cells
cross join cause_view
where ties > 1 and offline_is_tied and online_is_tied and not source_known
