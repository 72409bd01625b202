-- answers: which events of other entities would a store take that joins by some of the keys alone?
-- reads: cause_partly_asked (row_id, keys), cause_partly_events (place, keys, event_us, made_us), cause_asked, cause_events, cause_rows, cause_view
-- parameters: $most: of so many pairs of a row and an event that share their keys none is looked at
with asked as (
    select row_id, keys, as_of_us, count(*) over (partition by keys, as_of_us) as alike
    from cause_partly_asked
    join cause_rows using (row_id)
),
newest as (
    select keys, as_of_us, max(event_us) as event_us
    from (select distinct keys, as_of_us from asked)
    join cause_partly_events using (keys)
    cross join cause_view
    where event_us <= as_of_us and coalesce(event_us >= as_of_us - ttl_us, true)
    group by keys, as_of_us
),
-- Of those of one time the one that was created last.
taken as (
    select keys, as_of_us, place, event_us, made_us
    from newest
    join cause_partly_events using (keys, event_us)
    qualify made_us is not distinct from max(made_us) over (partition by keys, as_of_us)
),
counted as (
    select *, count(*) over (partition by keys, as_of_us) as tied from taken
)
select
    row_id,
    place,
    event_us,
    made_us,
    false as at_source,
    false as tied,
    false as at_online,
    false as older,
    false as timeless,
    true as mispaired
from asked
join counted using (keys, as_of_us)
anti join (select row_id, place from cause_asked natural join cause_events) using (row_id, place)
where counted.tied * alike <= $most
