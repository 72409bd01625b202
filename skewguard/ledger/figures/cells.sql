-- answers: which values do the differing cells of each feature have, offline against online? (a sample by a hash)
-- reads: diffs
-- parameters: $run_id, $points (cells of a feature at most)
select
    feature,
    row_id,
    kind,
    skewed,
    offline_number as offline,
    online_number as online,
    case when source_number is distinct from offline_number then source_number end as source
from diffs
where run_id = $run_id and isfinite(offline_number) and isfinite(online_number)
qualify row_number() over (partition by feature order by hash(row_id), row_id) <= $points
order by feature, row_id
