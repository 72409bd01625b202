-- answers: what is the source value at the shifted key of each cell, for each shift that may be the one?
-- reads: pattern_keyed (row_id, whole, rest, asked, known, source, online, online_null), pattern_shifts (shift)
-- parameters: most: how many cells to look at
-- A key that the sample lacks has no source value, which fits a cell that is served none.
create or replace temp table pattern_shifted as
with looked_at as (
    select row_id, whole, rest, online, online_null from pattern_keyed where asked order by row_id limit $most
)
select
    pattern_shifts.shift,
    looked_at.row_id,
    other.row_id as other_row_id,
    other.source,
    looked_at.online,
    looked_at.online_null,
    coalesce(other.known, looked_at.online_null) as known
from looked_at
cross join pattern_shifts
left join pattern_keyed as other on other.whole = looked_at.whole + pattern_shifts.shift and other.rest = looked_at.rest;
