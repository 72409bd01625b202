-- answers: nothing; makes the table of what is known of each feature before its cells are looked at
-- reads: nothing; filled by Python
-- parameters: none
-- absent: why an answer lacks the feature as a whole; freshness: seconds by which a value may lag
create or replace temp table feature_names (
    position integer,
    feature varchar,
    absent varchar,
    freshness double
);
