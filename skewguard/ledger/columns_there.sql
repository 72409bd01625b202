-- answers: what columns do the tables of the ledger have, and of which types?
-- reads: its catalogue
-- parameters: none
select table_name, column_name, data_type
from duckdb_columns()
where database_name = 'skewguard' and schema_name = 'main' and not internal
order by table_name, column_index;
