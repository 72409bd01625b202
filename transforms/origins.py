"""How late flights leave each of the three New York airports, and how many of them there are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from skewguard import Feature, batch_features
from transforms.rolling import LOOKBACK_DAYS, windows

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation


@batch_features(
    entity=["origin"],
    timestamp="observed_at",
    lookback=timedelta(days=LOOKBACK_DAYS),
    features=[
        Feature("origin_departures_1h", "int64", nullable=False, range=(0, None), owner="airports"),
        Feature("origin_departures_24h", "int64", nullable=False, range=(0, None), owner="airports"),
        Feature("origin_departures_7d", "int64", nullable=False, range=(0, None), owner="airports"),
        Feature("origin_mean_dep_delay_1h", "float64", nullable=True, range=(-120, 2880), owner="airports"),
        Feature("origin_mean_dep_delay_24h", "float64", nullable=True, range=(-120, 2880), owner="airports"),
        Feature("origin_mean_dep_delay_7d", "float64", nullable=True, range=(-120, 2880), owner="airports"),
        Feature("origin_late_share_1h", "float64", nullable=True, range=(0, 1), owner="airports"),
        Feature("origin_late_share_24h", "float64", nullable=True, range=(0, 1), owner="airports"),
        Feature("origin_late_share_7d", "float64", nullable=True, range=(0, 1), owner="airports"),
        Feature("origin_cancelled_share_24h", "float64", nullable=True, range=(0, 1), owner="airports"),
    ],
)
def origin_delays(departures: DuckDBPyRelation, hourly_runs: DuckDBPyRelation) -> DuckDBPyRelation:
    """As carrier_delays, per airport of departure."""
    facts = departures.project("origin as entity, known_at, dep_delay as minutes, cancelled as lost")
    return windows(facts, hourly_runs).project(
        """
        entity as origin,
        observed_at,
        flown_1h as origin_departures_1h,
        flown_24h as origin_departures_24h,
        flown_7d as origin_departures_7d,
        mean_delay_1h as origin_mean_dep_delay_1h,
        mean_delay_24h as origin_mean_dep_delay_24h,
        mean_delay_7d as origin_mean_dep_delay_7d,
        late_share_1h as origin_late_share_1h,
        late_share_24h as origin_late_share_24h,
        late_share_7d as origin_late_share_7d,
        lost_share_24h as origin_cancelled_share_24h
        """
    )
