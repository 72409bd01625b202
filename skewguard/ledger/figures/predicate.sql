-- answers: which one or two conditions hold most skewed cells of a feature, and so few other rows that it is no chance?
-- reads: measured (measured.sql), conditions (conditions.sql), diffs
-- parameters: $run_id
-- Chernoff: of `skewed` rows drawn blindly, a share `recall` falls into a share `part` of all rows with a probability of at
-- most exp(-skewed * divergence). It must stay below one in a million over all pairs of conditions that could be tried.
with tried as (
    select key_set, count(distinct code) as conditions
    from conditions
    group by key_set
),
promising as (
    select *, cells / skewed * ln(cells * drawn / (skewed * rows)) as telling
    from measured
    where known and skewed >= 10 and skewed <= 0.8 * drawn and cells >= 0.8 * skewed and cells * drawn > rows * skewed
    qualify row_number() over (partition by feature, name, sign order by telling desc, value) <= 2
),
-- what is as good as chance alone would need a second condition that tells all
best as (
    select *
    from promising
    where skewed * telling >= 6
    qualify row_number() over (partition by feature order by telling desc, name, sign, value) <= 5
),
pairs as (
    select one.feature, one.code as first, two.code as second
    from best as one
    join best as two
        on one.feature = two.feature
        and (one.name, one.sign, coalesce(one.value, '')) < (two.name, two.sign, coalesce(two.value, ''))
        and (one.name <> two.name or (one.sign = '<' and two.sign = '>='))
),
met as (
    select shapes.first, shapes.second, here.row_id
    from (select distinct first, second from pairs) as shapes
    join conditions as here on here.code = shapes.first
    join conditions as there on there.code = shapes.second and there.row_id = here.row_id
),
met_rows as (
    select first, second, count(*) as rows
    from met
    group by first, second
),
met_cells as (
    select pairs.feature, first, second, count(*) as cells
    from pairs
    join met using (first, second)
    join diffs on diffs.row_id = met.row_id and diffs.feature = pairs.feature
    where diffs.run_id = $run_id and diffs.skewed
    group by pairs.feature, first, second
),
candidates as (
    select feature, code as first, null as second, cells, rows
    from best
    union all
    select feature, first, second, cells, rows
    from met_cells
    join met_rows using (first, second)
),
scored as (
    select
        candidates.feature,
        one.key_set,
        one.name,
        one.sign,
        one.value,
        two.name as name_2,
        two.sign as sign_2,
        two.value as value_2,
        candidates.cells,
        candidates.rows,
        one.skewed,
        one.drawn,
        candidates.cells / one.skewed as recall,
        candidates.cells / candidates.rows as "precision",
        candidates.rows / one.drawn as part,
        recall * ln(recall / part)
        + case when recall < 1 then (1 - recall) * ln((1 - recall) / (1 - part)) else 0 end as divergence
    from candidates
    join best as one on one.feature = candidates.feature and one.code = candidates.first
    left join best as two on two.feature = candidates.feature and two.code = candidates.second
    where candidates.cells >= 0.8 * one.skewed and candidates.rows < one.drawn
)
select
    feature,
    name,
    sign,
    value,
    name_2,
    sign_2,
    value_2,
    cells,
    rows,
    skewed,
    drawn,
    recall,
    "precision",
    "precision" * drawn / skewed as lift
from scored
join tried using (key_set)
where
    "precision" * drawn >= 1.5 * skewed
    and skewed * divergence >= ln(1e6) + ln(tried.conditions * (tried.conditions + 1) / 2)
-- a second condition must tell a tenth more than the first alone
qualify row_number() over (
    partition by feature
    order by divergence * case when name_2 is null then 1 else 0.9 end desc, name, sign, value, name_2, sign_2, value_2
) = 1
order by feature
