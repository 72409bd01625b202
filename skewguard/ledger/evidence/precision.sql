-- answers: is online what Feast's conversion to the declared dtype makes of the source value?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    source_value,
    offline_value,
    online_value,
    abs_error,
    rel_error,
    evidence->>'converted' as converted,
    evidence->>'dtype' as dtype,
    case
        when not contains(evidence::varchar, '"hmac:') then
            evidence->>'converted' is not distinct from online_value and online_value is distinct from source_value
    end as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
