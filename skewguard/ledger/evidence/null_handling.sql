-- answers: does the form of a null alone turn the offline value into the online one?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    offline_value,
    online_value,
    evidence->>'null_inputs' as null_inputs,
    evidence->>'made_float' as made_float,
    evidence->>'offline_form' as offline_form,
    evidence->>'online_form' as online_form,
    case
        when not contains(evidence::varchar, '"hmac:') then evidence->>'offline_form' is distinct from evidence->>'online_form'
        and evidence->>'offline_form' is not distinct from offline_value
        and (evidence->>'online_form' is not distinct from online_value or kind = 'serving_error')
    end as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
