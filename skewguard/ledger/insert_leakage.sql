-- answers: nothing; writes what leaked in one replay, by feature and lag
-- reads: nothing; writes leakage
-- parameters: $run_id, and for each other column a list of the same name, one element per row
insert into skewguard.main.leakage by name
select
    $run_id as run_id,
    unnest($feature::varchar[]) as feature,
    unnest($lag::interval[]) as lag,
    unnest($cells::bigint[]) as cells,
    unnest($leaked::bigint[]) as leaked,
    unnest($rate::double[]) as rate;
