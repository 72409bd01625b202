-- answers: nothing; writes the two large tables anew, so that the free space comes to lie at the end and is cut off
-- reads: diffs, entity_rows
-- parameters: none

-- (the new tables leave compression to DuckDB: smaller, and later runs take a little longer to write)
create or replace table skewguard.main.diffs as
from skewguard.main.diffs;

create or replace table skewguard.main.entity_rows as
from skewguard.main.entity_rows;
