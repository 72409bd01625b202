-- answers: nothing; writes what the laws of one run came to
-- reads: nothing; writes laws
-- parameters: $run_id, and for each other column a list of the same name, one element per (transform, law)
insert into skewguard.main.laws by name
select
    $run_id as run_id,
    unnest($transform::varchar[]) as transform,
    unnest($law::varchar[]) as law,
    unnest($verdict::varchar[]) as verdict,
    unnest($examples::bigint[]) as examples,
    unnest($counterexample::varchar[])::json as counterexample,
    unnest($message::varchar[]) as message;
