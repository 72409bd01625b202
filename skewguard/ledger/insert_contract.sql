-- answers: nothing; writes what the contracts came to in one run
-- reads: nothing; writes contract
-- parameters: $run_id, and for each other column a list of the same name, one element per row
insert into skewguard.main.contract by name
select
    $run_id as run_id,
    unnest($feature::varchar[]) as feature,
    unnest($side::varchar[]) as side,
    unnest($rule::varchar[]) as rule,
    unnest($expected::varchar[]) as expected,
    unnest($checked::bigint[]) as checked,
    unnest($broken::bigint[]) as broken,
    unnest($example_row_id::bigint[]) as example_row_id,
    unnest($example_value::varchar[]) as example_value;
