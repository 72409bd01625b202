-- answers: which event does each side of these cells come from, by how much does online lag, and what is the evidence?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    as_of,
    source_event_timestamp,
    online_event_timestamp,
    freshness_lag,
    source_value,
    offline_value,
    online_value,
    evidence
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 20;
