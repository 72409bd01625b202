-- answers: which causes are named, with the shift in the evidence where online's times were corrected by one?
-- reads: cause_named (row_id, position, cause, evidence), cause_rows (shifted_seconds)
-- parameters: none
select row_id, position, cause, case
    when shifted_seconds is null then evidence
    else json_merge_patch(evidence::json, json_object('online_times_shifted_by_seconds', shifted_seconds))::varchar
end as evidence
from cause_named
join cause_rows using (row_id)
