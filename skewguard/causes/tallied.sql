-- answers: how many skewed cells has each feature by cause, and how many are within their freshness budget?
-- reads: settle_settled
-- parameters: none
select position, cause, count_if(skewed) as skewed, count_if(within_freshness) as fresh
from settle_settled
where cause is not null
group by position, cause
order by position, skewed desc, cause
