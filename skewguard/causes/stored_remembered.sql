-- answers: of which cells did an earlier run see, at the very event that online holds, the value that online still has?
-- reads: cause_cells (stored_cells.sql), cause_view, cause_remembered (row_id, position, event_us, seen, seen_number, run_id)
-- parameters: none
select row_id, position, json_object(
    'source_event', moment(source_us), 'online_event', moment(online_us), 'seen_by_run', max(run_id),
    'seen_value', max(online_value), 'source_value', any_value(source_value), 'online_value_in_source', false
)::varchar as evidence
from cause_cells
join cause_remembered using (row_id, position)
cross join cause_view
where live and online_departs and source_known and same_event and not online_at_source and not online_has_its_event
    and event_us = source_us
    -- A Float32 was a double in the source; what no Float32 holds was none.
    and coalesce(seen_number = online_number or try_cast(seen_number as float) = try_cast(online_number as float), seen = online_value)
group by row_id, position, source_us, online_us
