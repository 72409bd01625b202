-- answers: which entities are asked about? A number stands for their keys from here on.
-- reads: leak_asked: k, k0, k1, 
-- parameters: none
select row_number() over () as entity, *
from (select distinct columns('^k[0-9]*$') from leak_asked)
