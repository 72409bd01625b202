-- answers: in which cells is online the source value, as the dtype that the feature had before stores it?
-- reads: cause_cells (stored_cells.sql), cause_view (one row), cause_retyped (row_id, position, stored_as, declared_as)
-- parameters: none
select row_id, position, json_object(
    'stored_as', stored_as, 'declared_as', declared_as, 'dtype', dtype, 'source_event', moment(source_us),
    'online_event', moment(online_us)
)::varchar as evidence
from cause_cells
join cause_retyped using (row_id, position)
cross join cause_view
where live and online_departs and source_known and (same_event or online_us is null)
