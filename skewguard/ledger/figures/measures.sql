-- answers: what did this run count for each feature?
-- reads: features
-- parameters: $run_id
select * from features where run_id = $run_id order by feature
