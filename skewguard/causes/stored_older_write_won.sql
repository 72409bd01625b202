-- answers: in which cells did a later write of an older event replace the one of the source value?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'source_event', moment(source_us), 'source_created', moment(created_us), 'online_event', moment(online_us),
    'window_start', moment(window_start_us), 'window_end', moment(window_end_us),
    'later_window_start', moment(older_start_us), 'later_window_end', moment(older_end_us),
    'online_event_in_source', events_at_online > 0
)::varchar as evidence
from cause_cells
cross join cause_view
where live and not keeps_newest and online_departs and event_matters and last_number is not null and online_is_older
    and (created_us is null or created_us <= window_end_us)
    -- The write of an event that the source never had is a push, where the view takes any.
    and (older_number is not null or (pushed and created_us is not null and events_at_online = 0))
