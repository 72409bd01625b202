-- answers: is online the source's value as of an older event?
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
    try_cast(evidence->>'online_is_value_of_older_event' as boolean) as online_is_value_of_older_event,
    try_cast(evidence->>'online_is_value_of_older_event' as boolean) as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
