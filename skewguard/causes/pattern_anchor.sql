-- answers: which cell has the served value that the fewest other cells have?
-- reads: pattern_keyed (row_id, whole, rest, asked, online, online_null)
-- parameters: none
select whole, rest, online, row_id
from (
    select *, count(*) over (partition by online) as shared
    from pattern_keyed
    where asked and not online_null
)
order by shared, row_id
limit 1
