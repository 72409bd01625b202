-- answers: are inputs skewed, and do the two sides agree once they have the same inputs?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    offline_value,
    online_value,
    evidence->>'inputs' as inputs,
    evidence->>'served_offline_inputs' as served_offline_inputs,
    evidence->>'trained_on_online_inputs' as trained_on_online_inputs,
    case
        when not contains(evidence::varchar, '"hmac:') then evidence->>'inputs' is not null
       
            and (evidence->>'served_offline_inputs' is not distinct from offline_value
            or evidence->>'trained_on_online_inputs' is not distinct from online_value)
    end as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
