-- answers: how many of the kept rows are in one table only?
-- reads: skewguard_kept (in_offline, in_online)
-- parameters: none
select
    count(*) filter (where in_online is null) as only_offline,
    count(*) filter (where in_offline is null) as only_online
from skewguard_kept;
