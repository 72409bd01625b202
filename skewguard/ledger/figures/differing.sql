-- answers: how many features have a cell that is no match?
-- reads: diffs
-- parameters: $run_id
select count(distinct feature) from diffs where run_id = $run_id
