"""A route's delay, leaning on its carrier's where the route has few flights to go by."""

from __future__ import annotations

import pandas as pd

from skewguard import Feature, on_demand_features

# A route with as many arrivals in the week is believed half; with none, its carrier's mean stands in.
PRIOR_FLIGHTS = 20


@on_demand_features(
    inputs={
        "route_arrivals_7d": "int64",
        "route_mean_arr_delay_7d": "float64",
        "carrier_mean_dep_delay_7d": "float64",
        "origin_cancelled_share_24h": "float64",
    },
    features=[
        Feature("expected_arr_delay", "float64", nullable=True, owner="network"),
        Feature("expected_arr_delay_if_flown", "float64", nullable=True, owner="network"),
    ],
)
def route_outlook(inputs: pd.DataFrame) -> pd.DataFrame:
    """Shrinkage: (n * route + k * carrier) / (n + k); either mean alone where the other is missing."""
    route, carrier = inputs["route_mean_arr_delay_7d"], inputs["carrier_mean_dep_delay_7d"]
    flights = inputs["route_arrivals_7d"].where(route.notna(), 0).fillna(0)
    weight = flights / (flights + PRIOR_FLIGHTS)
    expected = route.fillna(carrier) * weight + carrier.fillna(route) * (1 - weight)
    return pd.DataFrame(
        {
            "expected_arr_delay": expected,
            "expected_arr_delay_if_flown": expected * (1 - inputs["origin_cancelled_share_24h"].fillna(0)),
        }
    )
