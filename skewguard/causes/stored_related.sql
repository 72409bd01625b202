-- answers: which events of a row's keys bear on its values, and how?
-- reads: cause_asked (row_id, k, k0, ...), cause_events (place, k, k0, ..., event_us, made_us), cause_rows
-- parameters: none
-- at_source: of the time of the source value's event; tied: created when it was, too. at_online: of the time of the
-- online row; of any older time where the store does not tell the time.
select *
from (
    select
        row_id,
        place,
        event_us,
        made_us,
        coalesce(event_us = source_us, false) as at_source,
        coalesce(event_us = source_us and made_us is not distinct from created_us, false) as tied,
        coalesce(
            case
                when online_us is not null then abs(event_us - online_us) < 1000000
                when online_returned then event_us < coalesce(source_us, as_of_us)
            end,
            false
        ) as at_online,
        coalesce(event_us < source_us, false) as older,
        event_us is null as timeless,
        false as mispaired
    from cause_asked
    natural join cause_events
    join cause_rows using (row_id)
    where event_us is null or event_us <= as_of_us
)
where at_source or at_online or timeless
