-- answers: what was run when, and what came of it, newest first?
-- reads: runs, features
-- parameters: none
with found as (
    select
        run_id,
        count(*) as features,
        count(*) filter (where verdict = 'fail') as failed,
        sum(skewed)::bigint as skewed_cells
    from skewguard.main.features
    group by run_id
)
select
    runs.run_id,
    runs.started_at,
    epoch(runs.finished_at) - epoch(runs.started_at) as seconds,
    runs.command,
    runs.mode,
    runs.verdict,
    coalesce(found.features, 0) as features,
    coalesce(found.failed, 0) as failed,
    coalesce(found.skewed_cells, 0) as skewed_cells,
    runs.cells_compared,
    runs.project,
    runs.repo
from skewguard.main.runs
left join found using (run_id)
order by runs.started_at desc, runs.run_id desc;
