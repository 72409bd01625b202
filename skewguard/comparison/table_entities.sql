-- answers: which rows of two tables have a cell that is not a match?
-- reads: faced, skewguard_kept (row_id, entity)
-- parameters: none
create or replace temp view table_entities as
select
    row_id,
    entity,
    null::timestamptz as as_of
from skewguard_kept
where row_id in (select row_id from faced);
