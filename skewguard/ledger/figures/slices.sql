-- answers: which share of the rows of each value of a key is skewed? (the dozen with most cells above the usual)
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
qualify row_number() over (partition by feature order by cells - rows * measured.skewed / drawn desc, cells desc, name, value) <= 12
order by feature, cells / rows desc, cells desc, name, value
