-- answers: how many rows has a table, how many of them have a null in their key, how many distinct keys has it?
-- reads: keys (key_hash, has_null)
-- parameters: none
-- Equal hashes are not yet equal keys; who finds fewer hashes than rows looks at the keys themselves.
select
    count(*) as total,
    count(*) filter (where has_null) as nulls,
    count(distinct key_hash) as hashes
from keys;
