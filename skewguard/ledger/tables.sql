-- answers: what tables does the attached database have?
-- reads: its catalogue
-- parameters: none
select schema_name || '.' || table_name as table_name
from duckdb_tables()
where database_name = 'skewguard'
order by table_name;
