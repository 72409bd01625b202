-- answers: nothing; makes the table of the cells that are not plainly a match, the three values of each side by side
-- reads: nothing; each feature's cells are inserted by Python, which binds its columns and types
-- parameters: none
-- code, source_offline, source_online: codes.sql, of (offline, online), (source, offline) and (source, online)
create or replace temp table faced (
    row_id bigint,
    position integer,
    code tinyint,
    source_known boolean,
    source_offline tinyint,
    source_online tinyint,
    source_value varchar,
    offline_value varchar,
    online_value varchar,
    source_number double,
    offline_number double,
    online_number double,
    distance double,
    source_event_timestamp timestamptz,
    online_event_timestamp timestamptz,
    offline_error varchar,
    online_error varchar
);
