-- answers: how many of the kept rows are in one table only, and how many keys, nulls apart, are theirs?
-- reads: kept_keys (in_offline, in_online, key_hash, has_null)
-- parameters: none
select
    count(*) filter (where in_online is null) as only_offline,
    count(*) filter (where in_offline is null) as only_online,
    count(distinct key_hash) filter (where in_online is null) as keys_only_offline,
    count(distinct key_hash) filter (where in_offline is null) as keys_only_online,
    count(*) filter (where has_null) as nulls
from kept_keys;
