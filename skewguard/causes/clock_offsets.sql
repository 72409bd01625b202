-- answers: by which offsets do online rows with the source's values tell another time than their event's?
-- reads: clock_rows, clock_events (clock_events.sql), clock_alike (row_id: an event of these values is at online's time)
-- parameters: none
select clock_events.offset_us, count(distinct row_id) as rows_telling, count(distinct source_us) as times
from clock_rows
join clock_events using (row_id)
where clock_rows.matches
    and at_source
    and offset_us <> 0
    and offset_us % 900000000 = 0
    and row_id not in (select row_id from clock_alike)
group by offset_us
order by rows_telling desc, abs(offset_us)
