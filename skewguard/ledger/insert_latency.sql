-- answers: nothing; writes how long the online requests of one run took
-- reads: nothing; writes latency
-- parameters: $run_id, and for each other column a list of the same name, one element per row
insert into skewguard.main.latency by name
select
    $run_id as run_id,
    unnest($feature_view::varchar[]) as feature_view,
    unnest($service::varchar[]) as service,
    unnest($requests::bigint[]) as requests,
    unnest($p50::double[]) as p50,
    unnest($p95::double[]) as p95,
    unnest($p99::double[]) as p99;
