-- answers: how many cells of each feature are of each kind, and how far off are its numbers?
-- reads: cells
-- parameters: none
select
    position,
    count(*) filter (where kind = 'mismatch') as mismatched,
    count(*) filter (where kind = 'missing_online') as missing_online,
    count(*) filter (where kind = 'missing_offline') as missing_offline,
    count(*) filter (where kind = 'serving_error') as serving_errors,
    count(*) filter (where kind = 'wrong_on_both') as wrong_on_both,
    count(*) filter (where kind = 'not_compared') as not_compared,
    count(*) filter (where within_freshness) as within_freshness,
    max(abs_error) as max_abs_error,
    avg(abs_error) as mean_abs_error
from cells
group by position
order by position;
