-- answers: nothing; writes the cells of one run that its verdict looks past
-- reads: nothing; writes waived
-- parameters: $run_id, and for each other column a list of the same name, one element per row
insert into skewguard.main.waived by name
select
    $run_id as run_id,
    unnest($feature::varchar[]) as feature,
    unnest($cause::varchar[]) as cause,
    unnest($cells::bigint[]) as cells;
