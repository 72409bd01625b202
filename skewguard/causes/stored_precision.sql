-- answers: in which cells is online exactly what Feast's own conversion to the declared dtype makes of the source value?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'converted', online_value, 'source_value', source_value, 'dtype', dtype
)::varchar as evidence
from cause_cells
cross join cause_view
where online_departs and source_known and online_returned and not coalesce(online_is_older, false) and online_is_converted
