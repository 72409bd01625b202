-- answers: is the value that online serves older than the TTL?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    source_value,
    offline_value,
    online_value,
    try_cast(evidence->>'expired_event' as timestamptz) as expired_event,
    try_cast(evidence->>'online_event' as timestamptz) as online_event,
    as_of,
    try_cast(evidence->>'ttl_seconds' as double) as ttl_seconds,
    try_cast(evidence->>'age_seconds' as double) as age_seconds,
    source_value is null and offline_value is null
        and try_cast(evidence->>'age_seconds' as double) > try_cast(evidence->>'ttl_seconds' as double) as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
