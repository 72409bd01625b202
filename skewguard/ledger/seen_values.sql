-- answers: which source values did earlier runs on this repo see for these entities, at which events?
-- reads: runs, diffs
-- parameters: $repo, $project, $features, $entities (both lists; an entity as JSON)
select feature, entity::varchar as entity, source_event_timestamp, source_value, source_number, run_id
from skewguard.main.diffs
join skewguard.main.runs using (run_id)
where repo = $repo
    and project = $project
    and list_contains($features, feature)
    and entity::varchar in (select unnest($entities))
    and source_event_timestamp is not null
    and source_value is not null
qualify row_number() over (
    partition by feature, entity, source_event_timestamp, source_value order by started_at desc, run_id desc
) = 1;
