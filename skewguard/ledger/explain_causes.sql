-- answers: why are the cells of this feature skewed, which side departs, and which one cell shows each cause best?
-- reads: diffs
-- parameters: $run_id, $feature
with counted as (
    select
        *,
        count(*) over (partition by cause) as cells,
        count(*) over (partition by cause) / count(*) over () as share,
        count(*) filter (where blame = 'online') over (partition by cause) as online_departs,
        count(*) filter (where blame = 'offline') over (partition by cause) as offline_departs,
        count(*) filter (where blame = 'both') over (partition by cause) as both_depart
    from skewguard.main.diffs
    where run_id = $run_id and feature = $feature and skewed
)
select
    * exclude (run_id, feature, skewed)
    replace (entity::varchar as entity, evidence::varchar as evidence, epoch(freshness_lag) as freshness_lag)
from counted
-- The one with most to show: both values, both times, evidence.
qualify row_number() over (
    partition by cause
    order by
        not coalesce(json_exists(evidence, '$.source_rows'), false),
        (offline_value is null)::integer + (online_value is null)::integer + (evidence is null)::integer
            + (source_event_timestamp is null)::integer + (online_event_timestamp is null)::integer,
        row_id
) = 1
order by cells desc, cause;
