-- answers: is one side null where the other has one constant?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    offline_value,
    online_value,
    evidence->>'null' as null,
    evidence->>'constant' as constant,
    case
        when not contains(evidence::varchar, '"hmac:') then
            case evidence->>'null' when 'offline' then
            offline_value is null and online_value = evidence->>'constant'
        else online_value is null and offline_value = evidence->>'constant' end
    end as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
