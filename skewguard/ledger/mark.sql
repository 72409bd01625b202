-- answers: whose is this database? Writes the mark by which `identity` knows a ledger
-- reads: nothing; writes meta
-- parameters: $schema_version, $written_by (the version of skewguard)
insert into meta (application, schema_version, written_by)
values ('skewguard', $schema_version, $written_by);
