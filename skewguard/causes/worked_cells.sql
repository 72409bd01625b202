-- answers: which one cell of each feature and cause shows it best: with both values, both times, evidence?
-- reads: worked_settled (settled.sql)
-- parameters: none
select row_id, position, online_event_timestamp
from worked_settled
where skewed
qualify row_number() over (
    partition by position, cause
    order by
        (offline_value is null)::integer + (online_value is null)::integer + (evidence is null)::integer
            + (source_event_timestamp is null)::integer + (online_event_timestamp is null)::integer,
        row_id
) = 1
order by row_id, position
