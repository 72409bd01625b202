-- answers: which entity has, at each instant, a newest row that holds something? Of several the one with the newest row.
-- reads: source_events: k0, k1, ... (join keys), entity (all of them as one), event_time, created_us, keyed, filled; instants: instant
-- parameters: none
with rows as (
    select
        columns('^k[0-9]+$'),
        entity,
        event_time,
        filled,
        lead(event_time) over (partition by entity order by event_time, created_us nulls first, filled desc) as replaced
    from source_events
    where keyed and event_time is not null
)

select instant, columns('^k[0-9]+$')
from instants
join rows on event_time <= instant and (replaced is null or replaced > instant)
where filled
qualify row_number() over (partition by instant order by event_time desc, entity) = 1
