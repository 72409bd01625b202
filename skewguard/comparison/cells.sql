-- answers: what is each cell that is not a match, and which side departs from the source value?
-- reads: faced, feature_names (position, feature, absent, freshness in seconds)
-- parameters: none
create or replace temp view cells as
with judged as (
    select
        faced.*,
        feature_names.feature,
        case
            when feature_names.absent is not null or offline_error is not null then 'not_compared'
            when online_error is not null then 'serving_error'
            when code = 1 then 'mismatch'
            when code = 2 then 'missing_online'
            when code = 3 then 'missing_offline'
            when source_known and source_offline <> 0 and source_online <> 0 then 'wrong_on_both'
        end as kind,
        coalesce(feature_names.absent, offline_error, online_error) as reason,
        source_known and source_offline <> 0 as offline_departs,
        source_known and (online_error is not null or source_online <> 0) as online_departs,
        -- Online stores keep whole seconds of an event's time, so what is less than one is no lag.
        date_trunc('second', source_event_timestamp) - date_trunc('second', online_event_timestamp) as freshness_lag,
        feature_names.freshness
    from faced
    join feature_names using (position)
),
measured as (
    select
        *,
        case
            when kind = 'mismatch' and isfinite(offline_number) and isfinite(online_number) and isfinite(distance)
                then distance
        end as abs_error,
        kind in ('mismatch', 'missing_online', 'missing_offline')
            and freshness_lag > interval 0 seconds
            and epoch(freshness_lag) <= freshness as fresh_enough
    from judged
    where kind is not null
)
select
    row_id,
    feature,
    kind,
    kind in ('mismatch', 'missing_online', 'missing_offline', 'serving_error')
        and not coalesce(fresh_enough, false) as skewed,
    coalesce(fresh_enough, false) as within_freshness,
    case
        when kind = 'not_compared' or not source_known then 'unknown'
        when offline_departs and online_departs then 'both'
        when offline_departs then 'offline'
        when online_departs then 'online'
        else 'unknown'
    end as blame,
    -- Where there is no one source value, none is shown as if it were the truth.
    case when source_known then source_value end as source_value,
    offline_value,
    online_value,
    case when source_known then source_number end as source_number,
    offline_number,
    online_number,
    abs_error,
    case when offline_number <> 0 then abs_error / abs(offline_number) end as rel_error,
    source_event_timestamp,
    online_event_timestamp,
    freshness_lag,
    reason,
    position
from measured;
