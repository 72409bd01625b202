"""The weather at each New York airport, by its last hourly report."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd

from skewguard import Feature, batch_features

if TYPE_CHECKING:
    from pandas.core.window.rolling import RollingGroupby as Rolling

# Reports are in whole knots, which the data give as miles per hour.
MPH_PER_KNOT = 1.15078
# The fastest surface wind ever measured on earth was 220 knots, in a cyclone; the data hold one report of 911.
MAX_KNOTS = 220
THREE_HOURS = timedelta(hours=3)
EPOCH = pd.Timestamp("1970-01-01", tz="UTC")


@batch_features(
    entity=["origin"],
    timestamp="observed_at",
    created="known_at",
    lookback=THREE_HOURS,
    features=[
        Feature("reported_at", "unixtimestamp", nullable=False, owner="weather"),
        Feature("temperature_f", "float64", nullable=True, range=(-60, 140), owner="weather"),
        Feature("dew_point_spread_f", "float64", nullable=True, range=(-1, 140), owner="weather"),
        Feature("wind_from_degrees", "int64", nullable=True, range=(0, 360), owner="weather"),
        Feature("wind_knots", "float64", nullable=True, range=(0, MAX_KNOTS), owner="weather"),
        Feature("gust_knots", "float64", nullable=True, range=(0, MAX_KNOTS), owner="weather"),
        Feature("visibility_miles", "float64", nullable=True, range=(0, 10), owner="weather"),
        Feature("pressure_mb", "float64", nullable=True, range=(870, 1085), owner="weather"),
        Feature("pressure_change_3h", "float64", nullable=True, range=(-60, 60), owner="weather"),
        Feature("rain_inches_3h", "float64", nullable=True, range=(0, 20), owner="weather"),
    ],
)
def origin_weather(weather: pd.DataFrame) -> pd.DataFrame:
    """One row per report, with the three hours up to and including it, (report - 3 h, report].

    A row stays what it says, the last report, until the next one; `reported_at` lets the model see how old it is.
    The pressure of three hours ago is that of the report exactly three hours before, null if there is none. A row is
    known when the last of its reports is.
    """
    reports = _one_per_time(weather)
    return pd.DataFrame(
        {
            "origin": reports["origin"],
            "observed_at": reports["happened_at"],
            "known_at": _known(reports),
            "reported_at": reports["happened_at"],
            "temperature_f": reports["temp"].astype("float64"),
            "dew_point_spread_f": (reports["temp"] - reports["dewp"]).astype("float64").round(2),
            "wind_from_degrees": reports["wind_dir"].astype("Int64"),
            "wind_knots": _knots(reports["wind_speed"]),
            "gust_knots": _knots(reports["wind_gust"]),
            "visibility_miles": reports["visib"].astype("float64"),
            "pressure_mb": reports["pressure"].astype("float64"),
            "pressure_change_3h": _pressure_change(reports),
            "rain_inches_3h": _rain(reports),
        }
    )


def _one_per_time(weather: pd.DataFrame) -> pd.DataFrame:
    """Reports in order of origin and time; of several for one time the last known, and of those the greatest."""
    keys = ["origin", "happened_at"]
    made = weather.dropna(subset=[*keys, "known_at"])
    measures = [name for name in sorted(made.columns) if name not in (*keys, "known_at")]
    ordered = made.sort_values([*keys, "known_at", *measures], kind="stable")
    return ordered.drop_duplicates(keys, keep="last", ignore_index=True)


def _last_three_hours(reports: pd.DataFrame, values: pd.Series) -> Rolling:
    """(report - 3 h, report] of `values` within each origin, in the order of `reports`."""
    timed = pd.Series(values.to_numpy(dtype="float64"), index=pd.DatetimeIndex(reports["happened_at"]))
    return timed.groupby(reports["origin"].to_numpy(), sort=True).rolling(THREE_HOURS, min_periods=1)


def _known(reports: pd.DataFrame) -> pd.Series:
    """In whole seconds since 1970, which a float holds exactly."""
    seconds = (reports["known_at"] - EPOCH) // timedelta(seconds=1)
    latest = _last_three_hours(reports, seconds).max().reset_index(drop=True)
    return (EPOCH + pd.to_timedelta(latest.astype("int64"), unit="s")).astype("datetime64[us, UTC]")


def _rain(reports: pd.DataFrame) -> pd.Series:
    """Summed in hundredths of an inch, as it is measured: whole numbers, which pandas' running sums keep exact."""
    hundredths = (reports["precip"].astype("float64") * 100).round()
    return _last_three_hours(reports, hundredths).sum().reset_index(drop=True) / 100


def _pressure_change(reports: pd.DataFrame) -> pd.Series:
    keys = ["origin", "happened_at"]
    earlier = reports[[*keys, "pressure"]].assign(happened_at=reports["happened_at"] + THREE_HOURS)
    before = reports[keys].merge(earlier, on=keys, how="left")["pressure"]
    return (reports["pressure"].astype("float64") - before.astype("float64")).round(1)


def _knots(miles_per_hour: pd.Series) -> pd.Series:
    knots = (miles_per_hour.astype("float64") / MPH_PER_KNOT).round()
    return knots.where(knots <= MAX_KNOTS)
