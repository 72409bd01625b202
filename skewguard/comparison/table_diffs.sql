-- answers: what is each cell of two tables that is not a match, as the ledger keeps it?
-- reads: cells, skewguard_kept (row_id, entity)
-- parameters: none
create or replace temp view table_diffs as
select
    cells.row_id,
    cells.feature,
    kept.entity,
    null::timestamptz as as_of,
    cells.kind,
    cells.skewed,
    case when cells.skewed then 'unexplained' end as cause,
    cells.blame,
    cells.offline_value,
    cells.online_value,
    cells.offline_number,
    cells.online_number,
    cells.abs_error,
    cells.rel_error
from cells
join skewguard_kept as kept using (row_id);
