-- answers: which cells differ because the registry or the table was made by other code than there is now?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'registry_fingerprint', registered, 'code_fingerprint', code_fingerprint,
    'event', moment(source_us), 'value_of_the_code', source_value
)::varchar as evidence
from cause_cells
cross join cause_view
where live and registered <> code_fingerprint and source_known and same_event
    and online_departs and not online_at_source
