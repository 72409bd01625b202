-- answers: which events lie around a worked cell: the newest up to its as-of, and those that online may come from?
-- reads: worked_asked (row_id, as_of_us, online_us, k, k0, ...), worked_events (k, k0, ..., event_us, made_us, v0, ...)
-- parameters: $newest
select row_id, event_us, made_us, columns('^v[0-9]+$')
from worked_asked
natural join worked_events
where event_us <= as_of_us
qualify
    row_number() over (partition by row_id order by event_us desc, made_us desc) <= $newest
    or (
        abs(event_us - online_us) < 1000000
        and row_number() over (partition by row_id, abs(event_us - online_us) < 1000000 order by event_us desc) <= $newest
    )
order by row_id, event_us, made_us
