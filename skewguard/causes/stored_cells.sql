-- answers: what is known of each skewed cell of a stored view, and what of it did the tests of its values find?
-- reads: cause_skewed, cause_rows, cause_related, cause_value_tests, cause_related_tests, cause_unwritten (row_id, position)
-- parameters: none
with events_there as (
    select
        row_id,
        count_if(at_online) as events_at_online,
        count_if(at_source) as events_at_source,
        max(event_us) filter (mispaired) as mispaired_us
    from cause_related
    group by row_id
),
joined as (
    select
        cause_skewed.*,
        cause_rows.* exclude (row_id),
        cause_value_tests.* exclude (row_id, position),
        -- Not known where the source was not read as far back as the event of the online row.
        case when coalesce(online_us >= since_us, true) then coalesce(events_at_online, 0) end as events_at_online,
        coalesce(events_at_source, 0) as events_at_source,
        mispaired_us,
        coalesce(columns(cause_related_tests.* exclude (row_id, position)), false),
        unwritten.row_id is not null as unwritten
    from cause_skewed
    cross join (select since_us from cause_view)
    join cause_rows using (row_id)
    join cause_value_tests using (row_id, position)
    left join events_there using (row_id)
    left join cause_related_tests using (row_id, position)
    left join cause_unwritten as unwritten using (row_id, position)
)
select
    *,
    blame in ('offline', 'both') as offline_departs,
    blame <> 'offline' and (blame in ('online', 'both') or not source_known) as online_departs,
    -- Online holds an older event or none; where the store does not tell the time, an older event's value says so.
    coalesce(
        -- Of several events in the one second that stores tell apart, the values say which online holds.
        online_is_older or (same_event and online_has_older_value and not online_at_source),
        not online_returned or online_has_older_value
    ) as online_is_behind,
    -- Had online held the source's event, the cell would have been another: the two events' values are not the same.
    -- Of several rows of online's event the one whose value it holds counts.
    not (online_returned and online_us is not null and source_kept_value and not online_has_older_value)
        as event_matters
from joined
