-- answers: what views does the ledger have?
-- reads: its catalogue
-- parameters: none
select view_name
from duckdb_views()
where database_name = 'skewguard' and schema_name = 'main' and not internal
order by view_name;
