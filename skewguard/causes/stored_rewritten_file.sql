-- answers: which cells may be rewritten history, of which one time is the only evidence: the file's, or the row's?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'source_event', moment(source_us), 'online_event', moment(online_us), 'source_modified', moment(modified_us),
    'source_created', moment(created_us), 'window_end', moment(window_end_us), 'landed_in_time', moment(landed_us), 'registry_updated', moment(applied_us), 'online_value_in_source', false
)::varchar as evidence
from cause_cells
cross join cause_view
where live and online_departs and source_known and same_event and not online_at_source and not online_has_its_event
    and (modified_us > applied_us or (created_us > window_end_us and created_us > coalesce(landed_us, created_us - 1)))
