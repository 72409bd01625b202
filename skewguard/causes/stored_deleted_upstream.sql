-- answers: in which cells is the online row of an event that a window covered and the source no longer has?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'online_event', moment(online_us), 'online_event_in_source', false,
    'window_start', moment(online_window_start_us), 'window_end', moment(online_window_end_us),
    'source_event', moment(source_us), 'source_begins', moment(begins_us),
    'older_than_the_source', online_us + 1000000 <= begins_us, 'view_takes_pushes', pushed
)::varchar as evidence
from cause_cells
cross join cause_view
where live and online_departs and online_us is not null and events_at_online = 0 and online_window_end_us is not null
    -- What is pushed to the online store alone lies in a window, too, once that is materialized: a deletion changes the file.
    -- And a window that ends in the future covers what came only after it was materialized (stores keep whole seconds).
    and not (pushed and (coalesce(modified_us <= applied_us, false) or coalesce(online_us + 1000000 > applied_us, false)))
