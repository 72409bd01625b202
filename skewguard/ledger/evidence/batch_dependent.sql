-- answers: does the row alone give the online value, and among others the offline one?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    offline_value,
    online_value,
    evidence->>'among_others' as among_others,
    evidence->>'alone' as alone,
    case
        when not contains(evidence::varchar, '"hmac:') then evidence->>'among_others' is distinct from evidence->>'alone'
        and evidence->>'among_others' is not distinct from offline_value
        and (evidence->>'alone' is not distinct from online_value or kind = 'serving_error')
    end as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
