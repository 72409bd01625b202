-- answers: of which skewed rows has the source no event at online's time, but one as far from it as time zones are apart?
-- reads: clock_rows, clock_events (clock_events.sql), clock_shifted (row_id, shift_us)
-- parameters: reach_us: how far the times may still be shifted
select row_id
from clock_rows
join clock_shifted using (row_id)
join clock_events using (row_id)
where skewed
group by row_id
having count_if(offset_us = shift_us) = 0 and count_if(abs(offset_us - shift_us) <= $reach_us) > 0
order by row_id
