-- answers: nothing; writes which cells the reports of one run show
-- reads: nothing; writes examples
-- parameters: $run_id, and for each other column a list of the same name, one element per row
insert into skewguard.main.examples by name
select
    $run_id as run_id,
    unnest($feature::varchar[]) as feature,
    unnest($row_id::bigint[]) as row_id;
