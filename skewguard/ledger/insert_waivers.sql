-- answers: nothing; writes what became of the waivers in one run
-- reads: nothing; writes waivers
-- parameters: $run_id, and for each other column a list of the same name, one element per row
insert into skewguard.main.waivers by name
select
    $run_id as run_id,
    unnest($feature::varchar[]) as feature,
    unnest($pattern::varchar[]) as pattern,
    unnest($cause::varchar[]) as cause,
    unnest($reason::varchar[]) as reason,
    unnest($owner::varchar[]) as owner,
    unnest($expires::date[]) as expires,
    unnest($max_rate::double[]) as max_rate,
    unnest($standing::varchar[]) as standing,
    unnest($cells::bigint[]) as cells;
