-- answers: what was run when, and what came of it, newest first? What matters most leads
-- reads: runs, features
-- parameters: none
with found as (
    select
        run_id,
        count(*) as features,
        count(*) filter (where verdict = 'fail') as failed,
        sum(skewed)::bigint as skewed
    from skewguard.main.features
    group by run_id
)
select
    runs.run_id,
    runs.verdict,
    runs.command,
    runs.mode,
    coalesce(found.features, 0) as features,
    coalesce(found.failed, 0) as failed,
    coalesce(found.skewed, 0) as skewed,
    runs.started_at,
    round(epoch(runs.finished_at) - epoch(runs.started_at), 3) as seconds,
    runs.repo,
    runs.project,
    runs.cells_compared
from skewguard.main.runs
left join found using (run_id)
order by runs.started_at desc, runs.run_id desc;
