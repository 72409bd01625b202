-- answers: when did the source events of the skewed cells happen, and which share of the rows asked for at an instant is skewed?
-- reads: diffs, entity_rows
-- parameters: $run_id
with moments as (
    select feature, 'source event time' as axis, source_event_timestamp as moment
    from diffs
    where run_id = $run_id and skewed and source_event_timestamp is not null
    union all
    select feature, 'as-of', as_of
    from diffs
    where run_id = $run_id and skewed and as_of is not null
),
spans as (
    select feature, axis, epoch(max(moment) - min(moment)) as seconds
    from moments
    group by feature, axis
),
steps as (
    select
        feature,
        axis,
        case
            when seconds <= 7200 then interval 5 minutes
            when seconds <= 172800 then interval 1 hour
            when seconds <= 5184000 then interval 1 day
            when seconds <= 94608000 then interval 1 month
            else interval 1 year
        end as step
    from spans
),
counted as (
    select feature, axis, step, time_bucket(step, moment) as bucket, count(*) as skewed
    from moments
    join steps using (feature, axis)
    group by all
),
-- the rows that a feature was asked for are those with its keys, where these are as many as were requested
asked as (
    select as_of, array_to_string(list_sort(json_keys(entity)), chr(31)) as key_set
    from entity_rows
    where run_id = $run_id
),
of_feature as (
    select feature, array_to_string(list_sort(json_keys(any_value(entity))), chr(31)) as key_set
    from diffs
    where run_id = $run_id
    group by feature
),
instants as (
    select key_set, as_of, count(*) as rows, sum(count(*)) over (partition by key_set) as rows_in_all
    from asked
    group by key_set, as_of
),
rows_then as (
    select steps.feature, steps.axis, time_bucket(steps.step, instants.as_of) as bucket, sum(instants.rows)::bigint as rows
    from steps
    join of_feature using (feature)
    join instants using (key_set)
    join features on features.feature = steps.feature and features.run_id = $run_id and features.requested = rows_in_all
    where steps.axis = 'as-of'
    group by all
)
select feature, axis, bucket as moment, coalesce(skewed, 0) as skewed, rows, coalesce(skewed, 0) / rows as rate
from counted
full join rows_then using (feature, axis, bucket)
order by feature, axis, moment
