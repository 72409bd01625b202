-- answers: nothing; makes the tables that schema version 2 has and version 1 has not, all of them empty
-- reads: nothing; it is run in a ledger of version 1 that is the current database
-- parameters: none

-- what the run left out, could not compare, or has to say: kind is 'skipped', 'error' or 'note'
create table remarks (
    run_id varchar,
    kind varchar,
    feature varchar,
    message varchar
);

-- skewed cells that the verdict looks past, by what lets them be: a cause, or 'baseline'
create table waived (
    run_id varchar,
    feature varchar,
    cause varchar,
    cells bigint
);

-- what each promise of a feature's contract came to, on each of the three sides
create table contract (
    run_id varchar,
    feature varchar,
    side varchar,
    rule varchar,
    expected varchar,
    checked bigint,
    broken bigint,
    example_row_id bigint,
    example_value varchar
);

-- which cells of diffs a report shows, in its order
create table examples (
    run_id varchar,
    feature varchar,
    row_id bigint
);

-- where each view is defined
create table places (
    run_id varchar,
    feature_view varchar,
    file varchar,
    line bigint
);

-- how long online requests took, in seconds; service is null where a view was asked for alone
create table latency (
    run_id varchar,
    feature_view varchar,
    service varchar,
    requests bigint,
    p50 double,
    p95 double,
    p99 double
);

-- of a replay: in how many cells training would know too early, were it to read so much before each instant
create table leakage (
    run_id varchar,
    feature varchar,
    lag interval,
    cells bigint,
    leaked bigint,
    rate double
);
