-- answers: which tables and views are in an attached database?
-- reads: the catalogue
-- parameters: $database
select schema_name, table_name
from (
    select database_name, schema_name, table_name from duckdb_tables() where not internal
    union all
    select database_name, schema_name, view_name from duckdb_views() where not internal
)
where database_name = $database
order by schema_name <> 'main', schema_name, table_name;
