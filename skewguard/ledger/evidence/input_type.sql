-- answers: do the types of a request alone turn the offline value into the online one?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    offline_value,
    online_value,
    evidence->>'offline_types' as offline_types,
    evidence->>'online_types' as online_types,
    case
        when not contains(evidence::varchar, '"hmac:') then evidence->>'offline_types' is distinct from evidence->>'online_types'
        and evidence->>'offline_types' is not distinct from offline_value
        and (evidence->>'online_types' is not distinct from online_value or kind = 'serving_error')
    end as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
