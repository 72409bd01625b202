-- answers: how did the skew of each feature go, over the last 30 runs of the same command, mode and repo?
-- reads: features, runs (not the view `trend`, which older ledgers lack)
-- parameters: $run_id
with this as (
    from runs
    where run_id = $run_id
),
before as (
    select runs.run_id, runs.started_at
    from runs, this
    where runs.command = this.command
        and runs.mode = this.mode
        and runs.repo is not distinct from this.repo
        and (runs.started_at, runs.run_id) <= (this.started_at, this.run_id)
    order by runs.started_at desc, runs.run_id desc
    limit 30
)
select
    feature, run_id, started_at, verdict, compared, skewed, skew_rate, skew_rate_upper, top_cause
from features
join before using (run_id)
where feature in (select feature from features where run_id = $run_id and (skewed > 0 or verdict <> 'pass'))
order by feature, started_at, run_id
