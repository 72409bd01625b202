-- answers: does one side have the raw value, and the other what the view's transform makes of it?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    source_value,
    offline_value,
    online_value,
    evidence->>'untransformed' as untransformed,
    evidence->>'untransformed_on' as untransformed_on,
    case
        when not contains(evidence::varchar, '"hmac:') then
            evidence->>'untransformed' is not distinct from case evidence->>'untransformed_on' when 'offline' then
            offline_value else online_value end
        and evidence->>'untransformed' is distinct from evidence->>'transformed'
    end as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
