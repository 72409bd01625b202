-- answers: how many blocks does the ledger's file have, and how many of them are free?
-- reads: the state of the attached databases
-- parameters: none
select total_blocks, free_blocks
from pragma_database_size()
where database_name = 'skewguard';
