-- answers: which share of the rows of each value of a key is skewed? (the dozen values with most skewed cells)
-- reads: measured (measured.sql)
-- parameters: none
select
    feature,
    name,
    value,
    cells as skewed,
    case when known then rows end as rows,
    case when known then cells / rows end as rate
from measured
where sign in ('=', 'is null')
qualify row_number() over (partition by feature order by cells desc, rows, name, value) <= 12
order by feature, cells desc, rows, name, value
