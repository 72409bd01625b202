-- answers: what did the newest run find, feature by feature? (a run of laws has none, so it does not count)
-- reads: runs, features
-- parameters: none
create or replace view latest_features as
select *
from features
where run_id = (
    select run_id
    from runs
    where mode <> 'transforms'
    order by started_at desc, run_id desc
    limit 1
);
