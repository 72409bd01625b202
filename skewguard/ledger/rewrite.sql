-- answers: nothing; writes all tables anew, so that the free space comes to lie at the end of the file and is cut off
-- reads: all tables
-- parameters: none

-- (the new tables leave compression to DuckDB: smaller, and later runs take a little longer to write)
create or replace table skewguard.main.diffs as
from skewguard.main.diffs;

create or replace table skewguard.main.entity_rows as
from skewguard.main.entity_rows;

create or replace table skewguard.main.features as
from skewguard.main.features;

create or replace table skewguard.main.remarks as
from skewguard.main.remarks;

create or replace table skewguard.main.waived as
from skewguard.main.waived;

create or replace table skewguard.main.contract as
from skewguard.main.contract;

create or replace table skewguard.main.examples as
from skewguard.main.examples;

create or replace table skewguard.main.places as
from skewguard.main.places;

create or replace table skewguard.main.latency as
from skewguard.main.latency;

create or replace table skewguard.main.leakage as
from skewguard.main.leakage;

create or replace table skewguard.main.waivers as
from skewguard.main.waivers;

create or replace table skewguard.main.event_times as
from skewguard.main.event_times;

create or replace table skewguard.main.laws as
from skewguard.main.laws;

create or replace table skewguard.main.runs as
from skewguard.main.runs;

create or replace table skewguard.main.meta as
from skewguard.main.meta;
