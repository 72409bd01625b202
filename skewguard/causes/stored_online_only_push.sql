-- answers: in which cells is the online row of an event that neither the source nor a window ever had?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'online_event', moment(online_us), 'online_event_in_source', false, 'window', null,
    'source_event', moment(source_us)
)::varchar as evidence
from cause_cells
cross join cause_view
where live and online_departs and online_us is not null and events_at_online = 0 and online_window_end_us is null
