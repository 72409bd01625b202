-- answers: what is said of each cell of a feature that a pattern explains?
-- reads: pattern_cells, pattern_details (row_id, detail: JSON of what is the cell's own)
-- parameters: position, cause, evidence (JSON of what all cells share)
select
    row_id,
    $position::integer as position,
    $cause::varchar as cause,
    case when detail is null then $evidence::varchar else json_merge_patch($evidence::json, detail::json)::varchar end
        as evidence
from pattern_cells
left join pattern_details using (row_id)
order by row_id
