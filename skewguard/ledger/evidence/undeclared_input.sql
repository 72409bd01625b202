-- answers: do the two sides agree once the offline path, too, gives the declared columns alone?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    offline_value,
    online_value,
    evidence->>'offline_only_columns' as offline_only_columns,
    evidence->>'declared_only' as declared_only,
    case
        when not contains(evidence::varchar, '"hmac:') then
            evidence->>'declared_only' is not distinct from online_value and evidence->>'declared_only' is distinct from offline_value
    end as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
