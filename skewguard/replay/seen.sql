-- Which event does training read for each entity row, for which delays?
-- Reads leak_before (before.sql).
-- Parameters: $ttl_us, null where values never expire.
-- Training that reads as of d before the instant takes an event for shortest_us <= d <= longest_us, unless none is left.
with decided as (
    select *
    from leak_before
    qualify row_number() over (partition by row_id, event_us order by created_us desc, position) = 1
),
followed as (
    select *, coalesce(lead(event_us) over (partition by row_id order by event_us) - 1, as_of_us) as last_us
    from decided
)
select
    row_id,
    as_of_us,
    position,
    event_us,
    created_us,
    as_of_us - least(last_us, event_us + coalesce($ttl_us, last_us - event_us)) as shortest_us,
    as_of_us - event_us as longest_us
from followed
