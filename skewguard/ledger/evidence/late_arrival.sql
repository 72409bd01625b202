-- answers: was the event's row created after its window was materialized?
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
    try_cast(evidence->>'source_created' as timestamptz) as source_created,
    try_cast(evidence->>'window_start' as timestamptz) as window_start,
    try_cast(evidence->>'window_end' as timestamptz) as window_end,
    try_cast(evidence->>'registry_updated' as timestamptz) as registry_updated,
    try_cast(evidence->>'source_event' as timestamptz) between try_cast(evidence->>'window_start' as timestamptz)
            and try_cast(evidence->>'window_end' as timestamptz)
        and (
            coalesce(try_cast(evidence->>'source_created' as timestamptz) > try_cast(evidence->>'window_end' as timestamptz), false)
            or try_cast(evidence->>'source_created' as timestamptz) > try_cast(evidence->>'registry_updated' as timestamptz)
        ) as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
