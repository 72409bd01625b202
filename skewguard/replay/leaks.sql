-- For each delay: in how many entity rows does training read a value that could not be known at the instant?
-- Reads leak_before (before.sql), leak_seen (seen.sql); leak_delays: delay_us; leak_values: position, v0, v1, ...
-- Parameters: $ttl_us, null where values never expire.
with late as (
    select row_id, as_of_us, delay_us, position, as_of_us - delay_us as read_us
    from leak_seen join leak_delays on delay_us between shortest_us and longest_us
    where created_us > as_of_us
),
known as (
    select late.row_id, delay_us, arg_max(before.position, (event_us, created_us)) as position
    from late
    left join leak_before as before
        on before.row_id = late.row_id
        and created_us <= late.as_of_us
        and event_us between read_us - coalesce($ttl_us, read_us - event_us) and read_us
    group by late.row_id, delay_us
),
both_values as (
    select row_id, delay_us, position from late
    union all
    select row_id, delay_us, position from known
),
apart as (
    select
        row_id,
        delay_us,
        count(distinct columns('^v([0-9]+)$')) + count_if(columns('^v([0-9]+)$') is null).least(1) > 1 as 'l\1'
    from both_values left join leak_values using (position)
    group by row_id, delay_us
)
select delay_us, coalesce(count_if(columns('^l[0-9]+$')), 0)
from leak_delays left join apart using (delay_us)
group by delay_us
order by delay_us
