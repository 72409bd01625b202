-- answers: in which cells did one path run the view's own transform, and the other read the raw column?
-- reads: cause_cells (stored_cells.sql), cause_view (one row)
-- parameters: none
select row_id, position, json_object(
    'untransformed', case when offline_is_untransformed then offline_value else online_value end,
    'untransformed_on', case when offline_is_untransformed then 'offline' else 'online' end,
    'transformed', source_value
)::varchar as evidence
from cause_cells
cross join cause_view
where source_known
    and (
        (offline_departs and offline_is_untransformed and (not online_departs or online_has_its_event))
        or (online_departs and online_is_untransformed and not offline_departs)
    )
