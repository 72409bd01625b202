-- answers: which cells are empty online, though their event was materialized in time, in a store whose keys expire?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'key_ttl_seconds', key_ttl_us / 1000000, 'source_event', moment(source_us), 'source_created', moment(created_us),
    'window_start', moment(window_start_us), 'window_end', moment(window_end_us), 'checked_at', moment(now_us)
)::varchar as evidence
from cause_cells
cross join cause_view
where live and online_departs and not online_returned and last_number is not null
    -- Written when the window ended, as a schedule does, it would be gone by now.
    and window_end_us + key_ttl_us < now_us
