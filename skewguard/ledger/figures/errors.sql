-- answers: how are the errors (online - offline) of the differing cells of each feature distributed, in 20 equal steps?
-- reads: diffs
-- parameters: $run_id
with apart as (
    select feature, online_number - offline_number as error
    from diffs
    where run_id = $run_id and isfinite(online_number - offline_number)
),
spread as (
    select feature, min(error) as least, (max(error) - min(error)) / 20 as step
    from apart
    group by feature
),
placed as (
    select
        feature,
        error,
        least,
        step,
        case when step > 0 and isfinite(step) then least(19, floor((error - least) / step)) else 0 end as bin
    from apart
    join spread using (feature)
)
select feature, any_value(least) + bin * any_value(step) as from_error, any_value(least) + (bin + 1) * any_value(step) as to_error, count(*) as cells
from placed
group by feature, bin
order by feature, bin
