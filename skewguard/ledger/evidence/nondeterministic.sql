-- answers: did the same inputs give another output when the transform ran again?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    offline_value,
    online_value,
    evidence->>'offline_reruns' as offline_reruns,
    evidence->>'online_reruns' as online_reruns,
    case
        when not contains(evidence::varchar, '"hmac:') then evidence->>'$.offline_reruns[0]' is distinct from evidence->>'$.offline_reruns[1]'
        or evidence->>'$.online_reruns[0]' is distinct from evidence->>'$.online_reruns[1]'
        or evidence->>'$.offline_reruns[0]' is distinct from offline_value
        or evidence->>'$.online_reruns[0]' is distinct from online_value
    end as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
