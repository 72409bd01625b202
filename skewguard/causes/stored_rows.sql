-- answers: what is known of each row with a skewed cell: its events, and the windows that covered them?
-- reads: cause_sides (one row per entity row), cause_served (rows that match), cause_windows (number, start_us, end_us), in recorded order
-- parameters: none
with bounds as (
    select min(start_us) as first_start_us, max(end_us) as last_end_us from cause_windows
),
covering_source as (
    select row_id, max(number) as last_number, max(end_us) as window_end_us, arg_max(start_us, end_us) as window_start_us
    from cause_sides
    join cause_windows on source_us between start_us and end_us
    group by row_id
),
-- The newest row that was there when a window was materialized, as far as rows that match tell: nobody says when that was.
landed as (
    select window_end_us, max(created_us) as landed_us
    from (
        select created_us, max(end_us) as window_end_us
        from cause_served
        join cause_windows on source_us between start_us and end_us
        group by cause_served.row_id, created_us
    )
    group by window_end_us
),
-- Online stores keep whole seconds of an event's time: it was any instant of that second.
covering_online as (
    select row_id, max(end_us) as online_window_end_us, arg_max(start_us, end_us) as online_window_start_us
    from cause_sides
    join cause_windows on start_us < online_us + 1000000 and online_us <= end_us
    group by row_id
),
older_windows as (
    select row_id, min(number) as older_number, arg_min(start_us, number) as older_start_us, arg_min(end_us, number) as older_end_us
    from cause_sides
    join covering_source using (row_id)
    join cause_windows on number > last_number and end_us < source_us and start_us < online_us + 1000000 and online_us <= end_us
    group by row_id
)
select
    *,
    source_us - online_us >= 1000000 as online_is_older,
    abs(source_us - online_us) < 1000000 as same_event
from cause_sides
cross join bounds
left join covering_source using (row_id)
left join landed using (window_end_us)
left join covering_online using (row_id)
left join older_windows using (row_id)
