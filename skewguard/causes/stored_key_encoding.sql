-- answers: which cells are empty online because the store holds the entity under differently encoded keys?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'found_under_other_encoding', true, 'source_event', moment(source_us)
)::varchar as evidence
from cause_cells
cross join cause_view
where live and online_departs and not online_returned and keyed_otherwise
