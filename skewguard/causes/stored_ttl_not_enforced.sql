-- answers: in which cells is an expired value still served?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'expired_event', moment(expired_us), 'online_event', moment(online_us), 'as_of', moment(as_of_us),
    'ttl_seconds', ttl_us / 1000000, 'age_seconds', (as_of_us - coalesce(online_us, expired_us)) / 1000000
)::varchar as evidence
from cause_cells
cross join cause_view
where kind = 'missing_offline' and source_known and source_null and expired_us is not null
    and (online_us < as_of_us - ttl_us or (online_us is null and online_has_its_event))
