-- answers: how likely are two rows to have the same value of a feature, and how many different ones has it?
-- reads: pattern_drawn (value)
-- parameters: none
with counted as (
    select count(*) as drawn from pattern_drawn where value is not null group by value
),
summed as (
    select
        count(*) as distinct_values,
        coalesce(sum(drawn), 0) as drawn,
        coalesce(sum(drawn * drawn) filter (drawn > 1), 0) as alike
    from counted
)
-- A value seen once says little of how often it comes: one pair of rows more than were seen, for all of them.
select distinct_values, alike / greatest(drawn * drawn, 1) + 1.0 / (drawn * (drawn - 1) + 1) as repeated
from summed
