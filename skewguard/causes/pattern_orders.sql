-- answers: how likely would values drawn at random be just the source values of the cells, in any order?
-- reads: pattern_cells
-- parameters: repeated: how likely two rows are to have the same value
with counted as (
    select count(*) as cells from pattern_cells where not source_null group by source
)
select exp(lgamma(sum(cells) + 1) - sum(lgamma(cells + 1)) + sum(cells) * ln($repeated::double)) as luck
from counted
