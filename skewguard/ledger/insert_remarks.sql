-- answers: nothing; writes what was skipped, failed and noted in one run
-- reads: nothing; writes remarks
-- parameters: $run_id, and for each other column a list of the same name, one element per row
insert into skewguard.main.remarks by name
select
    $run_id as run_id,
    unnest($kind::varchar[]) as kind,
    unnest($feature::varchar[]) as feature,
    unnest($message::varchar[]) as message;
