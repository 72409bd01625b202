"""The wind across and along the runway, and what it adds to a carrier that already runs late."""

from __future__ import annotations

import numpy as np
import pandas as pd

from skewguard import Feature, on_demand_features


@on_demand_features(
    inputs={
        "wind_from_degrees": "int64",
        "wind_knots": "float64",
        "reported_at": "unixtimestamp",
        "carrier_mean_dep_delay_24h": "float64",
        "runway_heading": "float64",
        "scheduled_departure": "unixtimestamp",
    },
    features=[
        Feature("crosswind_knots", "float64", nullable=True, range=(0, None), owner="weather"),
        Feature("headwind_knots", "float64", nullable=True, owner="weather"),
        Feature("crosswind_delay", "float64", nullable=True, owner="weather"),
        Feature("weather_age_minutes", "float64", nullable=True, owner="weather"),
    ],
)
def wind_exposure(inputs: pd.DataFrame) -> pd.DataFrame:
    """Both angles are degrees from north, the wind's where it comes from. Calm air has no direction and no effect."""
    knots = inputs["wind_knots"]
    angle = np.deg2rad((inputs["wind_from_degrees"] - inputs["runway_heading"]) % 360)
    crosswind = (knots * np.sin(angle)).abs().mask(knots == 0, 0.0)
    headwind = (knots * np.cos(angle)).mask(knots == 0, 0.0)
    return pd.DataFrame(
        {
            "crosswind_knots": crosswind,
            "headwind_knots": headwind,
            "crosswind_delay": crosswind * inputs["carrier_mean_dep_delay_24h"],
            "weather_age_minutes": (inputs["scheduled_departure"] - inputs["reported_at"]) / pd.Timedelta(minutes=1),
        }
    )
