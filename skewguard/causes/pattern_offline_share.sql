-- answers: of the other cells with a value on the offline side, which share has the one value of the cells to be explained?
-- reads: pattern_rows, pattern_cells
-- parameters: none
select coalesce(count_if(offline = (select any_value(offline) from pattern_cells)) / nullif(count(*), 0), 0.0) as share
from pattern_rows
where not asked and not offline_null
