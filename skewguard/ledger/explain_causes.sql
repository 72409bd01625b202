-- answers: why are the cells of this feature skewed, which side departs, and which one cell shows each cause best?
-- reads: diffs
-- parameters: $run_id, $feature
with skewed_cells as (
    from skewguard.main.diffs
    where run_id = $run_id and feature = $feature and skewed
),
counted as (
    select
        cause,
        count(*) as cells,
        count(*) / sum(count(*)) over () as share,
        count(*) filter (where blame = 'online') as online_departs,
        count(*) filter (where blame = 'offline') as offline_departs,
        count(*) filter (where blame = 'both') as both_depart,
        -- The one with most to show: source rows, both values, evidence, both times.
        arg_min(
            row_id,
            {
                'bare': not coalesce(contains(evidence::varchar, '"source_rows"'), false),
                'lacking': (offline_value is null)::integer + (online_value is null)::integer + (evidence is null)::integer
                    + (source_event_timestamp is null)::integer + (online_event_timestamp is null)::integer,
                'row_id': row_id
            }
        ) as row_id
    from skewed_cells
    group by cause
)
select
    skewed_cells.* exclude (run_id, feature, skewed)
    replace (entity::varchar as entity, evidence::varchar as evidence, epoch(freshness_lag) as freshness_lag),
    cells,
    share,
    online_departs,
    offline_departs,
    both_depart
from counted
join skewed_cells using (cause, row_id)
order by cells desc, cause;
