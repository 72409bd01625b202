-- answers: which cells are behind because their event is later than the end of every window?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'source_event', moment(source_us), 'online_event', moment(online_us), 'last_window_end', moment(last_end_us), 'rows_of_no_window', rows_of_no_window
)::varchar as evidence
from cause_cells
cross join cause_view
where live and online_departs and online_is_behind and event_matters and source_us > last_end_us
