-- answers: of which rows do these files hold the event that the source value is of?
-- reads: cause_untouched (row_id, source_us), cause_asked (row_id, k, k0, ...), cause_events (k, k0, ..., event_us)
-- parameters: none
select distinct row_id
from cause_asked
natural join cause_events
join cause_untouched using (row_id)
where event_us = source_us
