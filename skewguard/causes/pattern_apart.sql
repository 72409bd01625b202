-- answers: how far is the key of every other entity, all else alike, from that of the anchor?
-- reads: pattern_anchor (whole, rest, online, row_id), pattern_keyed (row_id, whole, rest, known, source)
-- parameters: none
select pattern_keyed.whole - pattern_anchor.whole as shift, pattern_keyed.source, pattern_anchor.online
from pattern_keyed
join pattern_anchor using (rest)
where pattern_keyed.known and pattern_keyed.row_id <> pattern_anchor.row_id
