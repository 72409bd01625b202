-- answers: which cells are behind because their event was created after its window had been materialized?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'source_event', moment(source_us), 'source_created', moment(created_us), 'online_event', moment(online_us),
    'window_start', moment(window_start_us), 'window_end', moment(window_end_us),
    'registry_updated', moment(applied_us)
)::varchar as evidence
from cause_cells
cross join cause_view
where live and online_departs and last_number is not null
    -- A correction is late, too: of the same event time, but created after the row that online holds.
    and ((online_is_behind and event_matters) or (same_event and online_is_superseded))
    and (created_us > window_end_us or created_us > applied_us)
