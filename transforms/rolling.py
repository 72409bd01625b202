"""Counts and sums of what became known in the last hour, day and week, per entity, at each hourly run.

A fact belongs to the window of width w at run time t when it became known in (t - w, t]: the end is inside, the start
is not. Delays are whole minutes, so every sum is of integers and exact: computing in steps gives the very numbers that
computing at once gives.

A row is emitted at the first run at which some window differs from the run before: a fact came in, or grew too old for
1 hour, 1 day or 1 week. The last such row of an entity that went quiet has counts of 0, and says so for as long as the
silence lasts; so these tables need no TTL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

# From minutes late on, as the US Department of Transportation counts a flight as delayed.
LATE_MINUTES = 15

# A cancellation is an event of its scheduled minute, known a day later, that stays a week in the windows; the run that
# sees it leave may itself come late, if the hourly job was down for less than a day.
LOOKBACK_DAYS = 9

# `before_*` and `upto` are running totals; the difference of two of them is what a window holds.
ROLLING = """
with known as (
    select
        entity,
        known_at,
        count(*) as facts,
        count(minutes) as timed,
        coalesce(sum(minutes), 0)::bigint as minutes,
        count(*) filter (minutes >= late_minutes) as late,
        count(*) filter (lost) as lost
    from facts
    where entity is not null and known_at is not null
    group by entity, known_at
),
totals as (
    select
        entity,
        known_at,
        {
            facts: (sum(facts) over running)::bigint,
            timed: (sum(timed) over running)::bigint,
            minutes: (sum(minutes) over running)::bigint,
            late: (sum(late) over running)::bigint,
            lost: (sum(lost) over running)::bigint
        } as total
    from known
    window running as (partition by entity order by known_at)
    union all
    select distinct entity, timestamptz '-infinity', {facts: 0, timed: 0, minutes: 0, late: 0, lost: 0}
    from known
),
changes as (
    select entity, known_at + waited as changed_at
    from known
    cross join (select unnest([interval 0 hours, interval 1 hour, interval 24 hours, interval 168 hours]) as waited)
),
emitted as (
    select distinct changes.entity, hourly_runs.run_at
    from changes asof join hourly_runs on hourly_runs.run_at >= changes.changed_at
)
select
    emitted.entity,
    emitted.run_at as observed_at,
    upto.total as upto,
    before_1h.total as before_1h,
    before_24h.total as before_24h,
    before_7d.total as before_7d
from emitted
asof join totals as upto
    on upto.entity = emitted.entity and upto.known_at <= emitted.run_at
asof join totals as before_1h
    on before_1h.entity = emitted.entity and before_1h.known_at <= emitted.run_at - interval 1 hour
asof join totals as before_24h
    on before_24h.entity = emitted.entity and before_24h.known_at <= emitted.run_at - interval 24 hours
asof join totals as before_7d
    on before_7d.entity = emitted.entity and before_7d.known_at <= emitted.run_at - interval 168 hours
"""

WINDOWS = """
select
    entity,
    observed_at,
    (upto.facts - upto.lost) - (before_1h.facts - before_1h.lost) as flown_1h,
    (upto.facts - upto.lost) - (before_24h.facts - before_24h.lost) as flown_24h,
    (upto.facts - upto.lost) - (before_7d.facts - before_7d.lost) as flown_7d,
    (upto.minutes - before_1h.minutes) / nullif(upto.timed - before_1h.timed, 0) as mean_delay_1h,
    (upto.minutes - before_24h.minutes) / nullif(upto.timed - before_24h.timed, 0) as mean_delay_24h,
    (upto.minutes - before_7d.minutes) / nullif(upto.timed - before_7d.timed, 0) as mean_delay_7d,
    (upto.late - before_1h.late) / nullif(upto.timed - before_1h.timed, 0) as late_share_1h,
    (upto.late - before_24h.late) / nullif(upto.timed - before_24h.timed, 0) as late_share_24h,
    (upto.late - before_7d.late) / nullif(upto.timed - before_7d.timed, 0) as late_share_7d,
    (upto.lost - before_24h.lost) / nullif(upto.facts - before_24h.facts, 0) as lost_share_24h,
    (upto.lost - before_7d.lost) / nullif(upto.facts - before_7d.facts, 0) as lost_share_7d
from rolling
"""


def windows(facts: DuckDBPyRelation, hourly_runs: DuckDBPyRelation) -> DuckDBPyRelation:
    """One row per entity and run at which a window changed; null means and shares where a window is empty.

    `facts` has entity (of any type), known_at, minutes (whole, null where there is no delay to speak of) and lost
    (the flight was cancelled or diverted); `hourly_runs` has run_at. DuckDB finds `hourly_runs` by its Python name.
    """
    facts = facts.project(f"*, {LATE_MINUTES} as late_minutes")
    return facts.query("facts", ROLLING).query("rolling", WINDOWS)
