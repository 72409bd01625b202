-- answers: what did earlier live checks of this repo find in these cells, and when had the first of them found it?
-- reads: runs, diffs
-- parameters: $repo, $project, $features, $entities (both lists; an entity as JSON)
select
    feature,
    entity::varchar as entity,
    source_event_timestamp,
    online_event_timestamp,
    source_value,
    source_number,
    online_value,
    online_number,
    cause,
    min(finished_at) as found_at
from skewguard.main.diffs
join skewguard.main.runs using (run_id)
where repo = $repo
    and project = $project
    and mode = 'live'
    and skewed
    and list_contains($features, feature)
    and entity::varchar in (select unnest($entities))
group by all;
