-- answers: for each skewed cell, why does the verdict look past it, if it does: the baseline, a waiver, an allowance?
-- reads: skewed_cells (row_id, feature, cause, entity), earlier_cells, waivers, allowances, compared_counts (as weigh.py binds)
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
numbered as (
    select faced.*, waivers.number, waivers.expired, waivers.max_rate
    from faced
    left join waivers using (feature, cause)
),
of_causes as (
    -- Not a window: one with a filter takes DuckDB minutes over a large partition.
    select feature, cause, count(*) filter (where not had_before) as cells
    from faced
    group by feature, cause
),
of_waivers as (
    select feature, number, count(*) filter (where not had_before) as waiver_cells
    from numbered
    where number is not null
    group by feature, number
),
judged as (
    select
        *,
        -- A share is divided, not a budget multiplied: 29 of 100 are no more than 0.29, but 0.29 * 100 is below 29.
        case
            when number is null or had_before then null
            when expired then 'expired'
            when waiver_cells / compared > max_rate then 'over_cap'
            else 'holds'
        end as standing
    from numbered
    join of_causes using (feature, cause)
    join compared_counts using (feature)
    left join of_waivers using (feature, number)
    left join allowances using (cause)
)
select
    row_id,
    feature,
    cause,
    case
        when had_before then 'baseline'
        when standing = 'holds' then cause
        when number is null and cells / compared <= rate then cause
    end as waiver,
    number is null and not had_before and coalesce(cells / compared > rate, false) as too_many,
    number,
    standing
from judged
order by row_id, feature
