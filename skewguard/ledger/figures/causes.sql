-- answers: why are the cells of each feature skewed, how many for each cause, and which side departs?
-- reads: diffs
-- parameters: $run_id
select
    feature,
    cause,
    count(*) as cells,
    count(*) / sum(count(*)) over (partition by feature) as share,
    count(*) filter (where blame = 'online') as online_departs,
    count(*) filter (where blame = 'offline') as offline_departs,
    count(*) filter (where blame = 'both') as both_depart,
    min(row_id) as example_row_id
from diffs
where run_id = $run_id and skewed
group by feature, cause
order by feature, cells desc, cause
