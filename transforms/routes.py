"""How late flights arrive on each route: a composite key of two airports."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from skewguard import Feature, batch_features
from transforms.rolling import LOOKBACK_DAYS, windows

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation


@batch_features(
    entity=["origin", "dest"],
    timestamp="observed_at",
    lookback=timedelta(days=LOOKBACK_DAYS),
    features=[
        Feature("route_arrivals_1h", "int64", nullable=False, range=(0, None), owner="network"),
        Feature("route_arrivals_24h", "int64", nullable=False, range=(0, None), owner="network"),
        Feature("route_arrivals_7d", "int64", nullable=False, range=(0, None), owner="network"),
        Feature("route_mean_arr_delay_1h", "float64", nullable=True, range=(-240, 2880), owner="network"),
        Feature("route_mean_arr_delay_24h", "float64", nullable=True, range=(-240, 2880), owner="network"),
        Feature("route_mean_arr_delay_7d", "float64", nullable=True, range=(-240, 2880), owner="network"),
        Feature("route_late_share_1h", "float64", nullable=True, range=(0, 1), owner="network"),
        Feature("route_late_share_24h", "float64", nullable=True, range=(0, 1), owner="network"),
        Feature("route_late_share_7d", "float64", nullable=True, range=(0, 1), owner="network"),
        Feature("route_diverted_share_7d", "float64", nullable=True, range=(0, 1), owner="network"),
    ],
)
def route_delays(arrivals: DuckDBPyRelation, hourly_runs: DuckDBPyRelation) -> DuckDBPyRelation:
    """Arrivals, diversions among them, by when they became known: a delay at landing, hours after departure."""
    facts = arrivals.filter("origin is not null and dest is not null").project(
        "{origin: origin, dest: dest} as entity, known_at, arr_delay as minutes, diverted as lost"
    )
    return windows(facts, hourly_runs).project(
        """
        entity.origin as origin,
        entity.dest as dest,
        observed_at,
        flown_1h as route_arrivals_1h,
        flown_24h as route_arrivals_24h,
        flown_7d as route_arrivals_7d,
        mean_delay_1h as route_mean_arr_delay_1h,
        mean_delay_24h as route_mean_arr_delay_24h,
        mean_delay_7d as route_mean_arr_delay_7d,
        late_share_1h as route_late_share_1h,
        late_share_24h as route_late_share_24h,
        late_share_7d as route_late_share_7d,
        lost_share_7d as route_diverted_share_7d
        """
    )
