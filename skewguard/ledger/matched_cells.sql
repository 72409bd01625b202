-- answers: which of these cells matched in live checks of this repo that began after an instant, and as of when?
-- reads: runs, features, entity_rows, diffs
-- parameters: $repo, $project, $features, $entities (both lists; an entity as JSON), $since
with asked as (
    select run_id, feature, requested
    from skewguard.main.features
    join skewguard.main.runs using (run_id)
    where repo = $repo
        and project = $project
        and mode = 'live'
        and started_at > $since::timestamptz
        and compared > 0
        and list_contains($features, feature)
),
-- A row may have been asked of another view alone: where as many rows have its keys as the feature was asked, it was not.
keyed as (
    select run_id, row_id, entity::varchar as entity, as_of, count(*) over (partition by run_id, json_keys(entity)) as alike
    from skewguard.main.entity_rows
    where run_id in (select run_id from asked)
)
select distinct feature, entity, as_of
from asked
join keyed using (run_id)
anti join skewguard.main.diffs using (run_id, row_id, feature)
where alike = requested and entity in (select unnest($entities));
