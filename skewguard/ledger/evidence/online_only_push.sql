-- answers: is the event of the online row in no window and not in the source?
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
    try_cast(evidence->>'online_event_in_source' as boolean) as online_event_in_source,
    evidence->>'window' as window,
    not try_cast(evidence->>'online_event_in_source' as boolean) and evidence->>'window' is null as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
