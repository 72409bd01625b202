-- answers: which one cell of each feature and cause shows it best: with both values, both times, evidence?
-- reads: worked_settled (settled.sql)
-- parameters: none
select shown.row_id, position, shown.online_event_timestamp
from (
    -- An aggregate, for it keeps one cell of each group in memory, where a window keeps them all.
    select
        position,
        arg_min(
            {'row_id': row_id, 'online_event_timestamp': online_event_timestamp},
            {
                'lacking': (offline_value is null)::integer + (online_value is null)::integer + (evidence is null)::integer
                    + (source_event_timestamp is null)::integer + (online_event_timestamp is null)::integer,
                'row_id': row_id
            }
        ) as shown
    from worked_settled
    where skewed
    group by position, cause
)
order by shown.row_id, position
