-- answers: of the rows of a view, how many were compared and how many are skewed by when their source event happened, for each skewed feature?
-- reads: event_rows (row_id, moment: the event of the newest source row, expired or not), event_cells (row_id, position, kind, skewed)
-- parameters: none
with spanned as (
    select epoch(max(moment) - min(moment)) as seconds
    from event_rows
),
steps as (
    -- forty steps at most
    select
        case
            when seconds <= 7200 then interval 5 minutes
            when seconds <= 86400 then interval 1 hour
            when seconds <= 518400 then interval 6 hours
            when seconds <= 3369600 then interval 1 day
            when seconds <= 23587200 then interval 7 days
            when seconds <= 101088000 then interval 30 days
            else to_days(365 * ceil(seconds / 1229904000)::integer)
        end as step
    from spanned
),
placed as (
    select row_id, step, time_bucket(step, moment) as bucket
    from event_rows, steps
),
of_rows as (
    select step, bucket, count(*) as rows
    from placed
    group by step, bucket
),
of_cells as (
    select
        position,
        bucket,
        count(*) filter (where kind = 'not_compared') as not_compared,
        count(*) filter (where skewed) as skewed
    from event_cells
    join placed using (row_id)
    group by position, bucket
),
telling as (
    select position
    from of_cells
    group by position
    having sum(skewed) > 0
)
select
    position,
    bucket as moment,
    step,
    rows - coalesce(not_compared, 0) as compared,
    coalesce(skewed, 0) as skewed
from telling
cross join of_rows
left join of_cells using (position, bucket)
order by position, bucket
