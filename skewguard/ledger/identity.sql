-- answers: which schema does the ledger have, and which skewguard wrote it last?
-- reads: meta
-- parameters: none
select schema_version, written_by
from skewguard.main.meta
where application = 'skewguard';
