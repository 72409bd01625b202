-- answers: is offline the value of another row of the source, and online right?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    source_value,
    offline_value,
    online_value,
    source_event_timestamp,
    online_event_timestamp,
    freshness_lag,
    evidence->>'offline_is_value_of' as offline_is_value_of,
    evidence->>'joined_by' as joined_by,
    try_cast(evidence->>'event_of_that_row' as timestamptz) as event_of_that_row,
    try_cast(evidence->>'online_is_source' as boolean) and blame = 'offline' as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
