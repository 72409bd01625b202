-- answers: nothing; writes where the views of one run are defined
-- reads: nothing; writes places
-- parameters: $run_id, and for each other column a list of the same name, one element per row
insert into skewguard.main.places by name
select
    $run_id as run_id,
    unnest($feature_view::varchar[]) as feature_view,
    unnest($file::varchar[]) as file,
    unnest($line::bigint[]) as line;
