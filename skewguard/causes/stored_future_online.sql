-- answers: in which cells is the event of the online row later than as-of?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'online_event', moment(online_us), 'as_of', moment(as_of_us), 'source_event', moment(source_us)
)::varchar as evidence
from cause_cells
cross join cause_view
where live and online_departs and online_us > as_of_us
