-- answers: does the online store hold the entity under differently encoded keys, and none as asked for?
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
    try_cast(evidence->>'found_under_other_encoding' as boolean) as found_under_other_encoding,
    try_cast(evidence->>'found_under_other_encoding' as boolean) and online_value is null as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
