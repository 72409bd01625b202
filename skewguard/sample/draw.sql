-- answers: which rows does a seed draw? The same on every machine, and a larger draw begins with the smaller one.
-- reads: drawn_from: k0, k1, ... (what is drawn), key_text (one text per row, however its keys are stored)
-- parameters: $seed; $row_limit, null for every row
select columns('^k[0-9]+$')
from drawn_from
order by md5(concat_ws(chr(31), $seed, key_text)), key_text
limit $row_limit
