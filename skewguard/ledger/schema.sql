-- answers: what tables does a ledger have? (schema version 3; the views are in files of their own)
-- reads: nothing; it is run in an empty database that is the current one
-- parameters: none

-- no constraints: writing a run checks what there is to check, and `rewrite` can make every table anew

-- who wrote this file and by which schema: what tells a ledger from another program's database
create table meta (
    application varchar,
    schema_version integer,
    written_by varchar
);

create table runs (
    run_id varchar,
    command varchar,
    mode varchar,
    started_at timestamptz,
    finished_at timestamptz,
    verdict varchar,
    repo varchar,
    project varchar,
    as_of timestamptz,
    seed bigint,
    rows_requested bigint,
    cells_requested bigint,
    cells_compared bigint,
    git_commit varchar,
    skewguard_version varchar,
    feast_version varchar,
    duckdb_version varchar,
    pandas_version varchar,
    python_version varchar,
    config json
);

create table features (
    run_id varchar,
    feature varchar,
    feature_view varchar,
    name varchar,
    view_kind varchar,
    dtype varchar,
    owner varchar,
    fingerprint varchar,
    requested bigint,
    compared bigint,
    matched bigint,
    mismatched bigint,
    missing_online bigint,
    missing_offline bigint,
    serving_errors bigint,
    wrong_on_both bigint,
    within_freshness bigint,
    not_compared bigint,
    skewed bigint,
    skew_rate double,
    skew_rate_upper double,
    max_skew_rate double,
    max_abs_error double,
    mean_abs_error double,
    max_freshness_lag interval,
    verdict varchar,
    top_cause varchar,
    notes varchar[]
);

create table entity_rows (
    run_id varchar,
    row_id bigint,
    entity json,
    as_of timestamptz
);

-- one row per cell that is not a match; values hardly compress, and trying costs a third of the time of writing them
create table diffs (
    run_id varchar,
    row_id bigint,
    feature varchar,
    entity json,
    as_of timestamptz,
    kind varchar,
    skewed boolean,
    cause varchar,
    blame varchar,
    source_value varchar using compression uncompressed,
    offline_value varchar using compression uncompressed,
    online_value varchar using compression uncompressed,
    source_number double using compression uncompressed,
    offline_number double using compression uncompressed,
    online_number double using compression uncompressed,
    abs_error double using compression uncompressed,
    rel_error double using compression uncompressed,
    source_event_timestamp timestamptz,
    online_event_timestamp timestamptz,
    freshness_lag interval,
    evidence json
);

create table laws (
    run_id varchar,
    transform varchar,
    law varchar,
    verdict varchar,
    examples bigint,
    counterexample json,
    message varchar
);

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

-- what became of each waiver: standing is 'holds', 'expired', 'over_cap', or 'unused' (then feature is null)
create table waivers (
    run_id varchar,
    feature varchar,
    pattern varchar,
    cause varchar,
    reason varchar,
    owner varchar,
    expires date,
    max_rate double,
    standing varchar,
    cells bigint
);

-- of each skewed feature of a view: the cells whose source event is at `moment` or less than `step` later
create table event_times (
    run_id varchar,
    feature varchar,
    moment timestamptz,
    step interval,
    compared bigint,
    skewed bigint
);
