"""Batch transforms, written once with the decorator, that keep every law."""

from __future__ import annotations

import zlib
from datetime import timedelta

from duckdb import DuckDBPyRelation
from labels import breaks

from skewguard import Feature, batch_features

DAY, WEEK = timedelta(days=1), timedelta(days=7)
KEYS = ["driver", "ended"]


def batch(lookback=None, dtype="float64"):
    """A feature `value` per driver and time."""
    features = [Feature("value", dtype, nullable=True)]
    return batch_features(entity={"driver": "int64"}, timestamp="ended", lookback=lookback, features=features)


def answer(trips, value):
    """One row per driver and time: of several trips at one time, the last."""
    rows = trips[KEYS].assign(value=value)
    return rows.drop_duplicates(KEYS, keep="last").reset_index(drop=True)


def in_order(trips):
    """One trip per driver and time, in an order that is the same however they come."""
    whole = trips.sort_values([*KEYS, "fare", "km"], kind="stable")
    return whole.drop_duplicates(KEYS, keep="last").reset_index(drop=True)


@breaks()
@batch()
def share_of_mean_so_far(trips):
    trips = in_order(trips)
    so_far = trips.groupby("driver")["fare"].transform(lambda fare: fare.expanding().mean())
    return answer(trips, trips["fare"] - so_far)


@breaks()
@batch()
def filled_forward(trips):
    trips = in_order(trips)
    return answer(trips, trips.groupby("driver")["fare"].ffill())


@breaks()
@batch()
def fare_before(trips):
    trips = in_order(trips)
    return answer(trips, trips.groupby("driver")["fare"].shift(1))


@breaks()
@batch()
def minutes_since_last_trip(trips):
    trips = in_order(trips)
    wait = trips["ended"] - trips.groupby("driver")["ended"].shift(1)
    return answer(trips, wait.dt.total_seconds() / 60)


@breaks()
@batch(lookback=WEEK)
def week_by_time(trips):
    trips = in_order(trips)
    rolled = trips.set_index("ended").groupby("driver")["km"].rolling("7D", closed="both").sum()
    return rolled.rename("value").reset_index()


@breaks()
@batch(lookback=WEEK)
def week_without_the_trip_itself(trips):
    trips = in_order(trips)
    rolled = trips.set_index("ended").groupby("driver")["km"].rolling("7D", closed="left").sum()
    return rolled.rename("value").reset_index()


@breaks()
@batch()
def three_trips(trips):
    trips = in_order(trips)
    return answer(trips, trips.groupby("driver")["km"].transform(lambda km: km.rolling(3, min_periods=1).mean()))


@breaks()
@batch()
def running_total(trips):
    trips = in_order(trips)
    return answer(trips, trips.groupby("driver")["km"].cumsum())


@breaks()
@batch(lookback=DAY)
def day_labelled_by_its_end(trips):
    trips = in_order(trips)
    days = trips.assign(ended=trips["ended"].dt.floor("1D") + DAY).groupby(KEYS, as_index=False)["km"].sum()
    return days.rename(columns={"km": "value"})


@breaks()
@batch(lookback=timedelta(0))
def only_the_trip_itself(trips):
    trips = in_order(trips)
    return answer(trips, trips["km"] * 1.6)


@breaks()
@batch(lookback=timedelta(0))
def hour_of_the_trip(trips):
    trips = in_order(trips)
    return answer(trips, trips["ended"].dt.hour.astype("float64"))


@breaks()
@batch(lookback=timedelta(0))
def checksum_of_the_city(trips):
    trips = in_order(trips)
    return answer(trips, [float(zlib.crc32(str(city).encode()) % 1000) for city in trips["city"]])


@breaks()
@batch()
def fare_filled_in_a_copy(trips):
    trips = in_order(trips.assign(fare=trips["fare"].fillna(0.0)))
    return answer(trips, trips["fare"])


@breaks()
@batch(lookback=WEEK)
def week_in_sql(trips: DuckDBPyRelation) -> DuckDBPyRelation:
    frame = "over (partition by driver order by ended range between interval 7 days preceding and current row)"
    return trips.project(f"driver, ended, sum(km) {frame} as value").distinct()


@breaks()
@batch()
def lag_in_sql(trips: DuckDBPyRelation) -> DuckDBPyRelation:
    once = trips.aggregate("driver, ended, max(km) as km")
    return once.project("driver, ended, lag(km) over (partition by driver order by ended) as value")
