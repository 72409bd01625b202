-- answers: by how much are served instants shifted, is it one shift, and how likely would chance have made it one?
-- reads: pattern_instants (offline, online: hugeint since 1970, null where infinite or missing)
-- parameters: second: the units in a second
with spread as (
    select
        count(*) as cells,
        count_if(offline is null or online is null) as missing,
        count(distinct online - offline) as shifts,
        any_value(online - offline) as shift,
        greatest(max(offline), max(online)) - least(min(offline), min(online)) as span
    from pattern_instants
),
-- Instants that are all midnights agree with each other sooner than instants at any second.
grains as (
    select seconds * $second::hugeint as grain
    from (values (1), (60), (900), (3600), (86400)) as units (seconds)
    where (select bool_and(online % (seconds * $second::hugeint) = 0) from pattern_instants)
)
select
    missing,
    shifts,
    shift,
    pow(1.0 / (span / greatest(coalesce((select max(grain) from grains), 1), 1) + 1), cells - 1) as luck
from spread
