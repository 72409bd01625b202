-- answers: by how much is the event of the online value older than the source's, over the differing cells?
-- reads: diffs
-- parameters: $run_id
with lags as (
    select feature, epoch(freshness_lag) as seconds
    from diffs
    where run_id = $run_id and freshness_lag is not null
)
select
    feature,
    case
        when seconds < 0 then 'online is newer'
        when seconds = 0 then 'none'
        when seconds <= 60 then 'to 1 minute'
        when seconds <= 3600 then 'to 1 hour'
        when seconds <= 21600 then 'to 6 hours'
        when seconds <= 86400 then 'to 1 day'
        when seconds <= 604800 then 'to 7 days'
        when seconds <= 2592000 then 'to 30 days'
        else 'over 30 days'
    end as lag,
    count(*) as cells,
    max(seconds) as most_seconds
from lags
group by feature, lag
order by feature, most_seconds
