-- Which entities are asked about? A number stands for their keys from here on.
-- Reads leak_asked: k, k0, k1, ...
-- Parameters: none.
select row_number() over () as entity, *
from (select distinct columns('^k[0-9]*$') from leak_asked)
