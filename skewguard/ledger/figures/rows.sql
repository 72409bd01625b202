-- answers: which cells show the difference best: up to three of each cause, with their values, times and evidence?
-- reads: diffs
-- parameters: $run_id, $rows (of a feature at most), $longest (characters of a value at most)
with ranked as (
    select
        *,
        row_number() over (
            partition by feature, skewed, cause, kind
            order by
                (source_event_timestamp is null)::integer + (online_event_timestamp is null)::integer
                + (offline_value is null)::integer + (online_value is null)::integer,
                row_id
        ) as place
    from diffs
    where run_id = $run_id
)
select
    feature,
    row_id,
    left(entity::varchar, $longest * 2) as entity,
    as_of,
    kind,
    skewed,
    cause,
    blame,
    left(source_value, $longest) as source_value,
    left(offline_value, $longest) as offline_value,
    left(online_value, $longest) as online_value,
    greatest(length(source_value), length(offline_value), length(online_value)) > $longest as cut,
    source_event_timestamp,
    online_event_timestamp,
    epoch(freshness_lag) as lag_seconds,
    abs_error,
    rel_error,
    left(evidence::varchar, $longest * 3) as evidence
from ranked
where place <= 3
qualify row_number() over (partition by feature order by place, skewed desc, cause, row_id) <= $rows
order by feature, skewed desc, cause, row_id
