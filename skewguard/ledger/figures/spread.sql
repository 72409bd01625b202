-- answers: how large are the errors of each feature: their quantiles, and how many cells have none that is a number?
-- reads: diffs
-- parameters: $run_id
select
    feature,
    count(*) filter (where isfinite(abs_error)) as with_error,
    count(*) filter (where not coalesce(isfinite(abs_error), false)) as without_error,
    quantile_disc(abs_error, 0.5) filter (where isfinite(abs_error)) as median_abs_error,
    quantile_disc(abs_error, 0.9) filter (where isfinite(abs_error)) as p90_abs_error,
    max(abs_error) filter (where isfinite(abs_error)) as max_abs_error,
    quantile_disc(rel_error, 0.5) filter (where isfinite(rel_error)) as median_rel_error,
    max(rel_error) filter (where isfinite(rel_error)) as max_rel_error
from diffs
where run_id = $run_id and kind <> 'not_compared'
group by feature
order by feature
