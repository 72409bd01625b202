-- answers: for which cells did the offline store take another row of the source than the point in time asks for?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'offline_is_value_of',
    case
        when offline_is_superseded then 'a row superseded at the same event time'
        when offline_is_timeless then 'a row without event time'
        else 'a row of another entity'
    end,
    'joined_by', case when not (offline_is_superseded or offline_is_timeless) then joined_by end,
    'event_of_that_row', case when not (offline_is_superseded or offline_is_timeless) then moment(mispaired_us) end,
    'source_event', moment(source_us), 'source_created', moment(created_us), 'online_is_source', true
)::varchar as evidence
from cause_cells
cross join cause_view
where source_known and offline_departs and not online_departs
    and (offline_is_superseded or offline_is_timeless or offline_is_mispaired)
