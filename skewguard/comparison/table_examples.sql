-- answers: which are the first cells of each feature that are not a match?
-- reads: table_diffs
-- parameters: $per_feature
select feature, row_id, entity, kind, cause, blame, offline_value, online_value
from table_diffs
where row_id in (
    select unnest(min(row_id, $per_feature))
    from faced
    group by position
)
qualify row_number() over (partition by feature order by row_id) <= $per_feature
order by feature, row_id;
