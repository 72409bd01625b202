-- answers: how coarse are the served numbers, and is one side merely the other cut off or rounded?
-- reads: pattern_numbers (offline, online: finite doubles)
-- parameters: rounding: of each number, as a share of it
with grains as (
    select digits, pow(10.0, -digits) as step from range(0, 7) as decimals (digits)
),
held as (
    select
        step,
        bool_and(abs(online / step - round(online / step)) <= $rounding::double * abs(online / step)) as online_on,
        bool_and(abs(offline / step - round(offline / step)) <= $rounding::double * abs(offline / step)) as offline_on,
        bool_and(abs(online - offline) < step) as near
    from pattern_numbers
    cross join grains
    group by step
)
select
    max(step) filter (online_on) as step,
    coalesce(bool_or(near and online_on <> offline_on), false) as cut_off
from held
