-- answers: nothing; drops the rows that were kept for a second look
-- reads: nothing
-- parameters: none
drop table if exists skewguard_kept;
