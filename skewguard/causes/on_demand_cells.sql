-- answers: what do the reruns say of every skewed cell of an on-demand view?
-- reads: skewed_cells (row_id, position), rerun_tests, rerun_facts (row_id, what each path gave), input_skew, unfaithful
-- parameters: none
create or replace temp view rerun_cells as
with skew_of_inputs as (
    select row_id, json_group_object(
        feature, json_object('offline', offline_value, 'online', online_value)
    ) as inputs
    from input_skew
    group by row_id
),
tested as (
    select
        rerun_tests.* replace (
            fed_offline and row_id not in (from unfaithful) as fed_offline,
            fed_online and row_id not in (from unfaithful) as fed_online
        ),
        -- A transform that was caught once gives no steady answer anywhere.
        bool_or(unsteady) over (partition by position) as unsteady_somewhere
    from rerun_tests
)
select
    tested.*,
    rerun_facts.* exclude (row_id),
    skew_of_inputs.inputs,
    skew_of_inputs.inputs is not null as inputs_skewed,
    -- Whatever the online inputs are: given the training inputs, serving answers just as it does.
    same_training and same_serving and returned and (alike or fed_online) as own_fault
from tested
join rerun_facts using (row_id)
left join skew_of_inputs using (row_id)
semi join skewed_cells using (row_id, position);
