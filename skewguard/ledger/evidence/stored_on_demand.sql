-- answers: is the offline value, and not the stored one, what the code makes of the online inputs?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    offline_value,
    online_value,
    evidence->>'computed' as computed,
    case
        when not contains(evidence::varchar, '"hmac:') then
            evidence->>'computed' is not distinct from offline_value and evidence->>'computed' is distinct from online_value
    end as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
