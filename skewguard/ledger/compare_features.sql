-- answers: what did each of two runs find for each feature that one of them has?
-- reads: features
-- parameters: $before, $after (run ids)
select
    coalesce(later.feature, earlier.feature) as feature,
    earlier.verdict as verdict_before,
    later.verdict as verdict_after,
    coalesce(earlier.compared, 0) as compared_before,
    coalesce(later.compared, 0) as compared_after,
    coalesce(earlier.skewed, 0) as skewed_before,
    coalesce(later.skewed, 0) as skewed_after,
    earlier.skew_rate as skew_rate_before,
    later.skew_rate as skew_rate_after
from (from skewguard.main.features where run_id = $before) as earlier
full join (from skewguard.main.features where run_id = $after) as later using (feature)
order by feature;
