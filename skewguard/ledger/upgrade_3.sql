-- answers: nothing; makes the tables that schema version 3 has and version 2 has not, all of them empty
-- reads: nothing; it is run in a ledger of version 2 that is the current database
-- parameters: none

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
