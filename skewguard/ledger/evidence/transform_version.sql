-- answers: was one side made by other code than the files have now?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    source_value,
    offline_value,
    online_value,
    evidence->>'registry_fingerprint' as registry_fingerprint,
    evidence->>'code_fingerprint' as code_fingerprint,
    evidence->>'value_of_the_code' as value_of_the_code,
    evidence->>'registry_fingerprint' is distinct from evidence->>'code_fingerprint' as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
