-- answers: nothing; writes the row of one run
-- reads: nothing; writes runs
-- parameters: one for each column, of the same name
insert into skewguard.main.runs by name
select
    $run_id as run_id,
    $command as command,
    $mode as mode,
    $started_at::timestamptz as started_at,
    $finished_at::timestamptz as finished_at,
    $verdict as verdict,
    $repo as repo,
    $project as project,
    $as_of::timestamptz as as_of,
    $seed::bigint as seed,
    $rows_requested::bigint as rows_requested,
    $cells_requested::bigint as cells_requested,
    $cells_compared::bigint as cells_compared,
    $git_commit as git_commit,
    $skewguard_version as skewguard_version,
    $feast_version as feast_version,
    $duckdb_version as duckdb_version,
    $pandas_version as pandas_version,
    $python_version as python_version,
    $config::json as config;
