-- answers: what is each cell worth once its cause is known: skew, or only as stale as its freshness budget allows?
-- reads: settle_cells (comparison/cells.sql), settle_explained (row_id, position, cause, evidence), settle_budgets (position, seconds)
-- parameters: none
with joined as (
    select
        settle_cells.*,
        case when skewed then coalesce(explained.cause, 'unexplained') end as cause,
        case
            when reason is null then explained.evidence
            else json_merge_patch(coalesce(explained.evidence, '{}')::json, json_object('reason', reason))::varchar
        end as evidence,
        skewed
            and coalesce(explained.cause in ('stale_online', 'late_arrival', 'not_yet_materialized'), false)
            and coalesce(epoch(freshness_lag) > 0 and epoch(freshness_lag) <= budgets.seconds, false) as fresh_enough
    from settle_cells
    left join settle_explained as explained using (row_id, position)
    left join settle_budgets as budgets using (position)
)
select * exclude (fresh_enough) replace (skewed and not fresh_enough as skewed, fresh_enough as within_freshness)
from joined
order by row_id, position
