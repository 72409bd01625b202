-- answers: how many cells of a feature have a value on each side, and how many different ones?
-- reads: pattern_cells
-- parameters: none
select
    count_if(not offline_null) as offline_values,
    count_if(not online_null) as online_values,
    count(distinct offline) filter (not offline_null) as offline_distinct,
    count(distinct online) filter (not online_null) as online_distinct
from pattern_cells
