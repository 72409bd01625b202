-- answers: why are the cells of each feature skewed, how many for each cause, and which entity row shows it?
-- reads: diffs
-- parameters: none
create or replace view causes as
select
    run_id,
    feature,
    cause,
    count(*) as cells,
    count(*) / sum(count(*)) over (partition by run_id, feature) as share,
    min(row_id) as example_row_id
from diffs
where skewed
group by run_id, feature, cause;
