-- answers: which cells were skewed in this run?
-- reads: diffs
-- parameters: $run_id
select distinct feature, entity::varchar as entity
from skewguard.main.diffs
where run_id = $run_id and skewed
    -- Said now where an entity is none, rather than when they are weighed, after all the work.
    and map_keys(entity::map(varchar, json)) is not null;
