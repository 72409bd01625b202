-- answers: nothing; drops the rows of event_times that belong to a run older than the newest $keep
-- reads: runs
-- parameters: $keep
delete from skewguard.main.event_times
where run_id in (
    select run_id
    from skewguard.main.runs
    order by started_at desc, run_id desc
    offset $keep
);
