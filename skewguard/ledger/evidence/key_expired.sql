-- answers: was the event written longer ago than the store keeps keys?
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
    try_cast(evidence->>'window_end' as timestamptz) as window_end,
    try_cast(evidence->>'checked_at' as timestamptz) as checked_at,
    try_cast(evidence->>'key_ttl_seconds' as double) as key_ttl_seconds,
    online_value is null
        and try_cast(evidence->>'window_end' as timestamptz) + to_seconds(try_cast(evidence->>'key_ttl_seconds' as double))
            < try_cast(evidence->>'checked_at' as timestamptz) as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
