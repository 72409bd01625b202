-- answers: which source value has the rank of each served value among the cells of one instant?
-- reads: pattern_cells
-- parameters: none
create or replace temp view pattern_ranked as
with placed as (
    select
        row_id,
        as_of,
        source,
        online,
        row_number() over (partition by as_of order by source_null, source, row_id) as source_rank,
        row_number() over (partition by as_of order by online_null, online, row_id) as online_rank
    from pattern_cells
)
select served.row_id, fresh.row_id as other_row_id, served.online, fresh.source
from placed as served
join placed as fresh on fresh.as_of = served.as_of and fresh.source_rank = served.online_rank;
