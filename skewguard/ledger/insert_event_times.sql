-- answers: nothing; writes when the source events of one run's skewed features happened
-- reads: nothing; writes event_times
-- parameters: $run_id, and for each other column a list of the same name, one element per row
insert into skewguard.main.event_times by name
select
    $run_id as run_id,
    unnest($feature::varchar[]) as feature,
    unnest($moment::timestamptz[]) as moment,
    unnest($step::interval[]) as step,
    unnest($compared::bigint[]) as compared,
    unnest($skewed::bigint[]) as skewed;
