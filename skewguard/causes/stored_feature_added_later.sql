-- answers: which cells are empty online although the row is there, with other features of the view?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'written', false, 'online_event', moment(online_us), 'source_event', moment(source_us)
)::varchar as evidence
from cause_cells
cross join cause_view
where live and online_departs and online_returned and online_null and unwritten
