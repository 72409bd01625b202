-- answers: which cells are skewed in one or both of two runs, and is that new, fixed or persisting?
-- reads: runs, features, entity_rows, diffs
-- parameters: $before, $after (run ids)
with cells as (
    -- Keys in any order are the same entity. One that was asked for several instants counts once, skewed if any was.
    select *, list_sort(map_entries(entity::map(varchar, json))) as keys
    from skewguard.main.diffs
    where run_id in ($before, $after)
    qualify row_number() over (partition by run_id, feature, keys order by skewed desc, row_id) = 1
),
asked as (
    select distinct run_id, list_sort(map_entries(entity::map(varchar, json))) as keys
    from skewguard.main.entity_rows
    where run_id in ($before, $after)
),
paired as (
    select
        coalesce(later.feature, earlier.feature) as feature,
        coalesce(later.entity, earlier.entity) as entity,
        coalesce(later.keys, earlier.keys) as keys,
        earlier,
        later
    from (from cells where run_id = $before) as earlier
    full join (from cells where run_id = $after) as later
        on earlier.feature = later.feature and earlier.keys = later.keys
    where coalesce(earlier.skewed, false) or coalesce(later.skewed, false)
),
judged as (
    select
        paired.*,
        -- Only cells that differ are kept of two tables, and of those every row is compared.
        compared_before.compared > 0
            and coalesce(earlier.kind, '') <> 'not_compared'
            and (compared_before.mode = 'tables' or asked_before.keys is not null) as was_compared,
        compared_after.compared > 0
            and coalesce(later.kind, '') <> 'not_compared'
            and (compared_after.mode = 'tables' or asked_after.keys is not null) as is_compared
    from paired
    left join (from skewguard.main.features join skewguard.main.runs using (run_id)) as compared_before
        on compared_before.run_id = $before and compared_before.feature = paired.feature
    left join (from skewguard.main.features join skewguard.main.runs using (run_id)) as compared_after
        on compared_after.run_id = $after and compared_after.feature = paired.feature
    left join asked as asked_before on asked_before.run_id = $before and asked_before.keys = paired.keys
    left join asked as asked_after on asked_after.run_id = $after and asked_after.keys = paired.keys
)
select
    case
        when earlier.skewed and later.skewed then 'persisting'
        when later.skewed then 'new'
        when coalesce(is_compared, false) then 'fixed'
        else 'not_compared'
    end as change,
    feature,
    entity::varchar as entity,
    earlier.kind as kind_before,
    later.kind as kind_after,
    earlier.cause as cause_before,
    later.cause as cause_after,
    earlier.offline_value as offline_before,
    earlier.online_value as online_before,
    later.offline_value as offline_after,
    later.online_value as online_after,
    coalesce(was_compared, false) as compared_before,
    coalesce(is_compared, false) as compared_after
from judged
order by list_position(['new', 'persisting', 'fixed', 'not_compared'], change), feature, coalesce(later.row_id, earlier.row_id);
