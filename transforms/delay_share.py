"""A carrier's usual delay against the length of the flight: ten minutes weigh more on a short hop."""

from __future__ import annotations

import pandas as pd

from skewguard import Feature, on_demand_features


@on_demand_features(
    inputs={
        "carrier_mean_dep_delay_24h": "float64",
        "carrier_late_share_24h": "float64",
        "scheduled_minutes": "int64",
        "distance": "int64",
    },
    features=[
        Feature("carrier_delay_share", "float64", nullable=True, owner="operations"),
        Feature("late_miles", "float64", nullable=True, owner="operations"),
        Feature("scheduled_mph", "float64", nullable=True, owner="schedule"),
    ],
)
def delay_share(inputs: pd.DataFrame) -> pd.DataFrame:
    """Null where the request gives no duration to divide by."""
    minutes = inputs["scheduled_minutes"].where(inputs["scheduled_minutes"] > 0)
    return pd.DataFrame(
        {
            "carrier_delay_share": inputs["carrier_mean_dep_delay_24h"] / minutes,
            "late_miles": inputs["carrier_late_share_24h"] * inputs["distance"],
            "scheduled_mph": inputs["distance"] / (minutes / 60),
        }
    )
