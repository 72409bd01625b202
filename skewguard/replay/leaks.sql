-- answers: for each delay: in how many entity rows does training read a value that could not be known at the instant?
-- reads: leak_rows: row_id, entity, as_of_us; leak_events, leak_reads; leak_delays: delay_us; leak_values: position, v0, 
-- parameters: $ttl_us, null where values never expire
with late as (
    select row_id, entity, as_of_us, as_of_us - delay_us as read_us, delay_us, position
    from leak_rows
    join leak_reads using (entity)
    join leak_delays on as_of_us - delay_us between event_us and coalesce(last_us, as_of_us)
    where created_us > as_of_us
        and event_us <= as_of_us
        and event_us >= as_of_us - delay_us - coalesce($ttl_us, as_of_us - delay_us - event_us)
),
known as (
    select row_id, delay_us, arg_max(leak_events.position, (event_us, created_us)) as position
    from late
    left join leak_events
        on leak_events.entity = late.entity
        and created_us <= as_of_us
        and event_us between read_us - coalesce($ttl_us, read_us - event_us) and read_us
    group by row_id, delay_us
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
