"""How late a carrier's flights leave New York."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from skewguard import Feature, batch_features
from transforms.rolling import LOOKBACK_DAYS, windows

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation


@batch_features(
    entity=["carrier"],
    timestamp="observed_at",
    lookback=timedelta(days=LOOKBACK_DAYS),
    features=[
        Feature("carrier_departures_1h", "int64", nullable=False, range=(0, None), owner="operations"),
        Feature("carrier_departures_24h", "int64", nullable=False, range=(0, None), owner="operations"),
        Feature("carrier_departures_7d", "int64", nullable=False, range=(0, None), owner="operations"),
        Feature("carrier_mean_dep_delay_1h", "float64", nullable=True, range=(-120, 2880), owner="operations"),
        Feature("carrier_mean_dep_delay_24h", "float64", nullable=True, range=(-120, 2880), owner="operations"),
        Feature("carrier_mean_dep_delay_7d", "float64", nullable=True, range=(-120, 2880), owner="operations"),
        Feature("carrier_late_share_1h", "float64", nullable=True, range=(0, 1), owner="operations"),
        Feature("carrier_late_share_24h", "float64", nullable=True, range=(0, 1), owner="operations"),
        Feature("carrier_late_share_7d", "float64", nullable=True, range=(0, 1), owner="operations"),
        Feature("carrier_cancelled_share_24h", "float64", nullable=True, range=(0, 1), owner="operations"),
        Feature("carrier_cancelled_share_7d", "float64", nullable=True, range=(0, 1), owner="operations"),
    ],
)
def carrier_delays(departures: DuckDBPyRelation, hourly_runs: DuckDBPyRelation) -> DuckDBPyRelation:
    """Departures, cancellations among them, by when they became known: a delay at departure."""
    facts = departures.project("carrier as entity, known_at, dep_delay as minutes, cancelled as lost")
    return windows(facts, hourly_runs).project(
        """
        entity as carrier,
        observed_at,
        flown_1h as carrier_departures_1h,
        flown_24h as carrier_departures_24h,
        flown_7d as carrier_departures_7d,
        mean_delay_1h as carrier_mean_dep_delay_1h,
        mean_delay_24h as carrier_mean_dep_delay_24h,
        mean_delay_7d as carrier_mean_dep_delay_7d,
        late_share_1h as carrier_late_share_1h,
        late_share_24h as carrier_late_share_24h,
        late_share_7d as carrier_late_share_7d,
        lost_share_24h as carrier_cancelled_share_24h,
        lost_share_7d as carrier_cancelled_share_7d
        """
    )
