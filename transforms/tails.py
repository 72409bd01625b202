"""What an aircraft did last, by the number on its tail."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from skewguard import Feature, batch_features

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

# Of two landings of one tail in the same minute (the data have one such pair, of which one must be wrong) the greatest
# counts as the last, whatever order they are read in.
HISTORY = """
with landings as (
    select tailnum, known_at, carrier, flight, origin, dest, arr_delay::bigint as arr_delay, air_minutes
    from arrivals
    where tailnum is not null and known_at is not null and not diverted
)
select
    tailnum,
    known_at as observed_at,
    known_at as last_landed_at,
    origin as last_origin,
    dest as last_dest,
    arr_delay as last_arr_delay,
    count(*) over week as landings_7d,
    (sum(air_minutes) over week)::bigint as air_minutes_7d,
    (sum(arr_delay) over week)::bigint / nullif(count(arr_delay) over week, 0) as mean_arr_delay_7d
from landings
window week as (
    partition by tailnum order by known_at
    range between interval 168 hours - interval 1 microsecond preceding and current row
)
qualify row_number() over (
    partition by tailnum, known_at
    order by carrier desc, flight desc, origin desc, dest desc, arr_delay desc, air_minutes desc
) = 1
"""


@batch_features(
    entity=["tailnum"],
    timestamp="observed_at",
    lookback=timedelta(days=7),
    features=[
        Feature("last_landed_at", "unixtimestamp", nullable=False, owner="fleet"),
        Feature("last_origin", "string", nullable=False, categories=("EWR", "JFK", "LGA"), owner="fleet"),
        Feature("last_dest", "string", nullable=False, owner="fleet"),
        Feature("last_arr_delay", "int64", nullable=True, range=(-240, 2880), owner="fleet"),
        Feature("landings_7d", "int64", nullable=False, range=(1, None), owner="fleet"),
        Feature("air_minutes_7d", "int64", nullable=True, range=(0, 10080), owner="fleet"),
        Feature("mean_arr_delay_7d", "float64", nullable=True, range=(-240, 2880), owner="fleet"),
    ],
)
def tail_history(arrivals: DuckDBPyRelation) -> DuckDBPyRelation:
    """The last landing, and the seven days up to and including it, (landing - 7 d, landing].

    One row per landing. The week is counted back from the landing, not from the time of asking, so a row stays true
    until the aircraft lands again. Diverted flights have no delay to report and do not count. Only flights out of New
    York are in the data: an aircraft's landings back in New York are not.
    """
    return arrivals.query("arrivals", HISTORY)
