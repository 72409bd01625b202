-- answers: how far are the served numbers off a line through the trained ones, and how many numbers does it tell apart?
-- reads: pattern_numbers (offline, online: finite doubles)
-- parameters: slope, intercept; rounding of each number, slack of every cell; absolute, relative, most: the tolerance
with expected as (
    select online, $slope::double * offline + $intercept::double as online_expected from pattern_numbers
),
allowed as (
    select
        online,
        abs(online - online_expected) as residual,
        $slack::double
            + $rounding::double * (abs(online) + abs(online_expected))
            + least($absolute::double + $relative::double * abs(online_expected), $most::double) as width
    from expected
),
summed as (
    select
        max(residual) as max_residual,
        max(width) as widest,
        count_if(not coalesce(residual <= width, false)) as off
    from allowed
),
stepped as (
    select online - lag(online) over by_value > width + lag(width) over by_value as apart
    from allowed
    window by_value as (order by online)
)
-- Numbers nearer to each other than the test can tell are one number.
select
    max_residual,
    widest,
    off,
    1 + (select count_if(apart) from stepped) as told_apart
from summed
