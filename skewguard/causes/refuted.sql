-- answers: of which cells do earlier runs show that no later write of the source's file can be why they differ?
-- reads: refuted_cells (cells with entity and as_of), refuted_seen (seen_cells.sql), refuted_matched (matched_cells.sql)
-- parameters: $modified_at (of the source's newest file), $weak (whether the time of the file is all there is)
select distinct row_id, position
from (
    select row_id, position
    from refuted_cells as cells
    join refuted_seen as seen using (feature, entity)
    where seen.online_value is not distinct from cells.online_value
        and seen.online_number is not distinct from cells.online_number
        and seen.online_event_timestamp is not distinct from cells.online_event_timestamp
        and (
            -- Nothing explained online's value then, so no later change of the source does.
            seen.cause = 'unexplained'
            -- It was the same value of the same event before the file was written, and differed already.
            or (
                $weak
                and seen.cause <> 'rewritten_history'
                and seen.found_at < $modified_at::timestamptz
                and seen.source_value is not distinct from cells.source_value
                and seen.source_number is not distinct from cells.source_number
                and seen.source_event_timestamp is not distinct from cells.source_event_timestamp
            )
        )
    union all
    -- Online had the value that the file has as it is now: it is online that changed since.
    select row_id, position
    from refuted_cells as cells
    join refuted_matched as matched using (feature, entity)
    where matched.as_of between cells.source_event_timestamp and cells.as_of
)
