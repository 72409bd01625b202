-- answers: in which cells did the transform give another output for the same inputs?
-- reads: rerun_cells (on_demand_cells.sql), rerun_view (one row)
-- parameters: none
select row_id, position, json_object(
    'test', 'the same inputs again',
    'offline_reruns', [offline_0_text, offline_1_text], 'online_reruns', [online_0_text, online_1_text]
)::varchar as evidence
from rerun_cells
cross join rerun_view
-- Between two reads of a live store its inputs may have changed.
where unsteady
    or (unsteady_somewhere and ((returned and not same_training) or (not same_serving and not live)))
