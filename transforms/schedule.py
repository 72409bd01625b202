"""What the schedule alone says about a departure, and how busy its airport is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from skewguard import Feature, on_demand_features

# All three airports keep New York's clock: the evening rush is at the same local hour in summer and in winter.
LOCAL = "America/New_York"
MINUTES_PER_DAY = 24 * 60
HOURS_PER_WEEK = 7 * 24


@on_demand_features(
    inputs={"scheduled_departure": "unixtimestamp", "origin_departures_1h": "int64", "origin_departures_7d": "int64"},
    features=[
        Feature("departure_hour_sin", "float64", nullable=True, range=(-1, 1), owner="schedule"),
        Feature("departure_hour_cos", "float64", nullable=True, range=(-1, 1), owner="schedule"),
        Feature("departure_weekday", "int64", nullable=True, range=(0, 6), owner="schedule"),
        Feature("origin_rush", "float64", nullable=True, range=(0, HOURS_PER_WEEK), owner="airports"),
    ],
)
def departure_context(inputs: pd.DataFrame) -> pd.DataFrame:
    """Local time of day on a circle, weekday (Monday is 0), and the last hour's departures over an average hour's."""
    local = inputs["scheduled_departure"].dt.tz_convert(LOCAL)
    angle = (local.dt.hour * 60 + local.dt.minute) * (2 * np.pi / MINUTES_PER_DAY)
    average = inputs["origin_departures_7d"] / HOURS_PER_WEEK
    return pd.DataFrame(
        {
            "departure_hour_sin": np.sin(angle),
            "departure_hour_cos": np.cos(angle),
            "departure_weekday": local.dt.dayofweek,
            "origin_rush": inputs["origin_departures_1h"] / average.where(average > 0),
        }
    )
