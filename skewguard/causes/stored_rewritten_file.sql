-- answers: which cells may be rewritten history, of which the time of the file is the only evidence?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'source_event', moment(source_us), 'online_event', moment(online_us), 'source_modified', moment(modified_us),
    'registry_updated', moment(applied_us), 'online_value_in_source', false
)::varchar as evidence
from cause_cells
cross join cause_view
where live and online_departs and source_known and same_event and not online_at_source and modified_us > applied_us
