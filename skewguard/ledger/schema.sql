-- answers: nothing; makes the tables of schema version 1, which the upgrades add to (views are in files of their own)
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
