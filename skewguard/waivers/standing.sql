-- answers: which waivers met skew in each feature, and does each still hold there (null: the baseline had it all)?
-- reads: weighed_cells (waivers.sql)
-- parameters: none
select feature, number, max(standing) as standing, count(standing) as cells
from weighed_cells
where number is not null
group by feature, number
order by feature, number
