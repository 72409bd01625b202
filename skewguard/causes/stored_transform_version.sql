-- answers: which cells differ because the registry or the table was made by other code than there is now?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'registry_fingerprint', coalesce(registered, registered_code), 'code_fingerprint', code_fingerprint,
    'event', moment(source_us), 'value_of_the_code',
    case when registered is not null then source_value when offline_departs then offline_value else online_value end
)::varchar as evidence
from cause_cells
cross join cause_view
where live and source_known
    and case
        when registered is not null
            then registered <> code_fingerprint and same_event and online_departs and not online_at_source
        -- The source value of a plain view is what the registry's code makes: one side has it, the other the files' own.
        else (offline_departs and offline_is_coded and not online_departs and online_returned)
            or (online_departs and online_is_coded and not offline_departs and offline_returned)
    end
