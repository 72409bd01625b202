-- answers: do the two lists hold the same elements?
-- reads: diffs
-- parameters: $run_id, $feature, $cause; printed with their values in place, to be run by `skewguard sql`
select
    entity,
    offline_value,
    online_value,
    evidence->>'equal_as' as equal_as,
    len(try_cast(offline_value as json)->>'$[*]') > 1
        and list_sort(try_cast(offline_value as json)->>'$[*]') = list_sort(try_cast(online_value as json)->>'$[*]') as proved,
    count(*) over () as cells
from diffs
where run_id = $run_id and feature = $feature and cause = $cause and skewed
order by row_id
limit 1000;
