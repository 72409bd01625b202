-- answers: which cells of the newest run are not a match? (a run of laws has none, so it does not count)
-- reads: runs, diffs
-- parameters: none
create or replace view latest_diffs as
select *
from diffs
where run_id = (
    select run_id
    from runs
    where mode <> 'transforms'
    order by started_at desc, run_id desc
    limit 1
);
