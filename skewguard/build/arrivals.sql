-- answers: which pushed events does the source not have yet? One that is there once and pushed twice is new once.
-- reads: pushed and history: the source's columns, in its order
-- parameters: none
select * from pushed
except all
select * from history
