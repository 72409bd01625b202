-- answers: was the value of the event replaced after it was materialized: by its created time, by the file's, or by a run that saw it?
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
    try_cast(evidence->>'window_end' as timestamptz) as window_end,
    try_cast(evidence->>'source_modified' as timestamptz) as source_modified,
    try_cast(evidence->>'registry_updated' as timestamptz) as registry_updated,
    try_cast(evidence->>'landed_in_time' as timestamptz) as landed_in_time,
    evidence->>'seen_by_run' as seen_by_run,
    not try_cast(evidence->>'online_value_in_source' as boolean)
        and (
            (
                coalesce(try_cast(evidence->>'source_created' as timestamptz) > try_cast(evidence->>'landed_in_time' as timestamptz), true)
                and (
                    coalesce(try_cast(evidence->>'source_created' as timestamptz) > try_cast(evidence->>'registry_updated' as timestamptz), false)
                    or coalesce(try_cast(evidence->>'source_created' as timestamptz) > try_cast(evidence->>'window_end' as timestamptz), false)
                )
            )
            or coalesce(try_cast(evidence->>'source_modified' as timestamptz) > try_cast(evidence->>'registry_updated' as timestamptz), false)
            or evidence->>'seen_by_run' is not null
        ) as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
