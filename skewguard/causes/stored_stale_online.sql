-- answers: in which cells does online equal the source value as of an older event?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'source_event', moment(source_us), 'online_event', moment(online_us), 'online_is_value_of_older_event', true
)::varchar as evidence
from cause_cells
cross join cause_view
where live and online_departs and online_returned and event_matters and online_has_older_value
