-- answers: which events of a row's keys are whole quarters of an hour from what online tells, and which is the source's?
-- reads: cause_asked (row_id, k, k0, ...), cause_events (place, k, k0, ..., event_us), clock_rows
-- parameters: reach_us: how far a time zone can shift a time
select *
from (
    select
        row_id,
        place,
        -- Online stores keep whole seconds.
        online_us - event_us + event_us % 1000000 as offset_us,
        event_us - event_us % 1000000 = source_us as at_source
    from cause_asked
    natural join cause_events
    join clock_rows using (row_id)
    where event_us <= as_of_us
)
where at_source or (abs(offset_us) <= $reach_us and offset_us % 900000000 = 0)
