-- answers: which schema does this ledger have now? Written at the end of an upgrade
-- reads: meta
-- parameters: $schema_version, $written_by (the version of skewguard)
update meta
set schema_version = $schema_version, written_by = $written_by
where application = 'skewguard';
