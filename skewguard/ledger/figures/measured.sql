-- answers: of how many rows does each condition hold, and of how many skewed cells of each feature?
-- reads: diffs, features, conditions (conditions.sql)
-- parameters: $run_id
with base as (
    select
        code,
        any_value(key_set) as key_set,
        any_value(name) as name,
        any_value(sign) as sign,
        any_value(value) as value,
        count(*) as rows,
        any_value(rows_asked) as rows_asked
    from conditions
    group by code
),
hits as (
    select diffs.feature, code, count(*) as cells
    from diffs
    join conditions using (row_id)
    where diffs.run_id = $run_id and diffs.skewed
    group by diffs.feature, code
),
whole as (
    select
        hits.feature,
        base.key_set,
        hits.cells as skewed,
        base.rows as drawn,
        base.rows_asked = features.requested as known
    from hits
    join base using (code)
    join features on features.feature = hits.feature and features.run_id = $run_id
    where base.sign = 'every row'
    qualify count(*) over (partition by hits.feature) = 1
)
select
    feature,
    code,
    base.key_set,
    base.name,
    base.sign,
    base.value,
    hits.cells,
    base.rows,
    whole.skewed,
    whole.drawn,
    whole.known
from hits
join whole using (feature)
join base using (code)
where base.sign <> 'every row' and base.key_set = whole.key_set
