-- answers: by how much is the online time of each row shifted, and is there an event of the row at the time that is left?
-- reads: clock_rows, clock_events (clock_events.sql), clock_candidates (offset_us, rank): summer and winter time differ
-- parameters: none
select
    row_id,
    coalesce(arg_min(clock_candidates.offset_us, rank), (select arg_min(offset_us, rank) from clock_candidates)) as shift_us,
    count(rank) > 0 as found,
    any_value(matches) and row_id not in (select row_id from clock_alike) as telling
from clock_rows
left join clock_events using (row_id)
left join clock_candidates on clock_candidates.offset_us = clock_events.offset_us
group by row_id
order by row_id
