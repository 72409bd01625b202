-- answers: how many skewed cells of each feature are looked past and why, and which causes are too many to be let be?
-- reads: weighed_cells (waivers.sql)
-- parameters: none
select feature, coalesce(waiver, cause) as reason, waiver is not null as waived, count(*) as cells
from weighed_cells
where waiver is not null or too_many
group by feature, reason, waived
order by feature, cells desc, reason
