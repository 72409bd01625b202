-- answers: in how many cells is there no source value to compare with?
-- reads: pattern_cells
-- parameters: none
select count_if(not coalesce(known, false)) as unknown from pattern_cells
