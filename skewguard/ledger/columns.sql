-- answers: what tables and views can be asked, and what are their columns, in order?
-- reads: the catalogue of the ledger
-- parameters: none
select table_name, list(column_name order by column_index) as column_names
from duckdb_columns()
where database_name = 'skewguard' and not internal and table_name <> 'meta'
group by table_name
order by table_name;
