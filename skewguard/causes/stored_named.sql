-- answers: nothing; makes the table of the causes that are named
-- reads: nothing; filled cause by cause
-- parameters: none
create or replace temp table cause_named (row_id bigint, position integer, cause varchar, evidence varchar);
