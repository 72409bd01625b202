-- answers: which numbers do the cells hold: their ratio, their range, how far the two sides usually are apart?
-- reads: pattern_numbers (offline, online: doubles, null where there is no number)
-- parameters: none
select
    count_if(not coalesce(isfinite(offline) and isfinite(online), false)) as unusable,
    count_if(offline = 0 or online = 0) as zeros,
    median(online / offline) filter (offline <> 0 and isfinite(online / offline)) as ratio,
    min(offline) as lowest,
    max(offline) as highest,
    arg_min(online, offline) as at_lowest,
    arg_max(online, offline) as at_highest,
    max(abs(online)) as largest,
    median(abs(online - offline)) as gap,
    greatest(max(offline), max(online)) - least(min(offline), min(online)) as span
from pattern_numbers
