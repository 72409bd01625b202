-- answers: for each skewed cell, why does the verdict look past it (the baseline, or its cause), if it does?
-- reads: skewed_cells (row_id, feature, cause, entity), earlier_cells, allowances, compared_counts (as weigh.py binds)
-- parameters: none
with earlier as (
    -- Keys in any order are the same entity.
    select distinct feature, list_sort(map_entries(entity::json::map(varchar, json))) as entity
    from earlier_cells
),
faced as (
    select
        skewed_cells.row_id,
        skewed_cells.feature,
        skewed_cells.cause,
        earlier.feature is not null as had_before
    from skewed_cells
    left join earlier
        on earlier.feature = skewed_cells.feature
        and earlier.entity = list_sort(map_entries(skewed_cells.entity::json::map(varchar, json)))
),
counted as (
    -- Not a window: one with a filter takes DuckDB minutes over a large partition.
    select feature, cause, count(*) filter (where not had_before) as cells
    from faced
    group by feature, cause
)
select
    row_id,
    feature,
    cause,
    case
        when had_before then 'baseline'
        -- A share is divided, not a budget multiplied: 29 of 100 are no more than 0.29, but 0.29 * 100 is below 29.
        when cells / compared <= rate then cause
    end as waiver,
    not had_before and cells / compared > rate as too_many
from faced
join counted using (feature, cause)
join compared_counts using (feature)
left join allowances using (cause)
order by row_id, feature
