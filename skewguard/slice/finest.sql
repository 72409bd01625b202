-- answers: which rows does slice.sql name, but for those that are superseded by less than a microsecond?
-- reads: source_events: as slice.sql, and event_exact, event_kept, created_exact, created_kept; sampled_keys: k0, k1, ...
-- parameters: $as_of, of the type of event_time
with seen as materialized (
    select *
    from source_events natural semi join sampled_keys
    where event_time is null or event_time <= $as_of
),
happened as (
    select columns('^k[0-9]+$'), event_kept, max(event_exact) as last_event
    from seen
    group by all
    having min(event_exact) < max(event_exact)
),
made as (
    select columns('^k[0-9]+$'), event_exact, created_kept, max(created_exact) as last_created
    from seen
    where created_kept is not null
    group by all
    having min(created_exact) < max(created_exact)
)
select columns('^c[0-9]+$')
from seen natural left join happened natural left join made
where coalesce(event_exact = last_event, true) and coalesce(created_exact = last_created, true)
order by p0, p1
