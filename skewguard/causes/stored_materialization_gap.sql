-- answers: which cells are behind because their event lies between windows, in none?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'source_event', moment(source_us), 'online_event', moment(online_us),
    'first_window_start', moment(first_start_us), 'last_window_end', moment(last_end_us), 'windows_around_it', 0, 'rows_of_no_window', rows_of_no_window
)::varchar as evidence
from cause_cells
cross join cause_view
where live and online_departs and online_is_behind and event_matters
    and last_number is null and source_us between first_start_us and last_end_us
