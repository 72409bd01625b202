"""Batch transforms, written once with the decorator, that break a law."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from duckdb import DuckDBPyRelation
from labels import breaks

from skewguard import Feature, batch_features

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
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


@breaks("no_lookahead", "entity_isolated")
@batch()
def share_of_overall_mean(trips):
    trips = in_order(trips)
    return answer(trips, trips["fare"] / trips["fare"].mean())


@breaks("no_lookahead")
@batch()
def share_of_own_mean(trips):
    trips = in_order(trips)
    return answer(trips, trips["fare"] - trips.groupby("driver")["fare"].transform("mean"))


@breaks("no_lookahead")
@batch()
def filled_backward(trips):
    trips = in_order(trips)
    return answer(trips, trips.groupby("driver")["fare"].bfill())


@breaks("no_lookahead")
@batch()
def next_fare(trips):
    trips = in_order(trips)
    return answer(trips, trips.groupby("driver")["fare"].shift(-1))


@breaks("no_lookahead")
@batch()
def minutes_to_next_trip(trips):
    trips = in_order(trips)
    wait = trips.groupby("driver")["ended"].shift(-1) - trips["ended"]
    return answer(trips, wait.dt.total_seconds() / 60)


@breaks("no_lookahead")
@batch()
def centred_window(trips):
    trips = in_order(trips)
    middle = trips.groupby("driver")["km"].transform(lambda km: km.rolling(3, min_periods=1, center=True).mean())
    return answer(trips, middle)


@breaks("no_lookahead")
@batch()
def rank_in_all_history(trips):
    trips = in_order(trips)
    return answer(trips, trips.groupby("driver")["km"].rank(pct=True))


@breaks("no_lookahead")
@batch()
def number_of_trips_ever(trips):
    trips = in_order(trips)
    return answer(trips, trips.groupby("driver")["km"].transform("size").astype("float64"))


@breaks("no_lookahead")
@batch()
def day_labelled_by_its_start(trips):
    trips = in_order(trips)
    days = trips.assign(ended=trips["ended"].dt.floor("1D")).groupby(KEYS, as_index=False)["km"].sum()
    return days.rename(columns={"km": "value"})


@breaks("no_lookahead")
@batch()
def day_with_the_trip_itself_and_later_ones(trips):
    trips = in_order(trips)
    return answer(trips, trips.groupby(["driver", trips["ended"].dt.floor("1D")])["km"].transform("sum"))


@breaks("entity_isolated")
@batch(lookback=WEEK)
def window_over_all_drivers(trips):
    trips = in_order(trips).sort_values(KEYS[::-1])
    by_time = trips.groupby("ended")["km"].sum().rolling("7D", closed="both").sum()
    return answer(trips, trips["ended"].map(by_time))


@breaks("entity_isolated")
@batch()
def fare_of_whoever_drove_before(trips):
    trips = in_order(trips).sort_values(["ended", "driver"])
    return answer(trips, trips["km"].shift(1))


@breaks("entity_isolated")
@batch()
def how_many_trips_so_far(trips):
    trips = in_order(trips)
    counted = trips["ended"].rank(method="max")
    return answer(trips, counted)


@breaks("lookback_sufficient", "incremental")
@batch(lookback=WEEK)
def window_longer_than_lookback(trips):
    trips = in_order(trips)
    rolled = trips.set_index("ended").groupby("driver")["km"].rolling("30D", closed="both").sum()
    return rolled.rename("value").reset_index()


@breaks("lookback_sufficient", "incremental")
@batch(lookback=WEEK)
def running_total_with_lookback(trips):
    trips = in_order(trips)
    return answer(trips, trips.groupby("driver")["km"].cumsum())


@breaks("lookback_sufficient", "incremental")
@batch(lookback=WEEK)
def days_since_first_trip(trips):
    trips = in_order(trips)
    first = trips.groupby("driver")["ended"].transform("min")
    return answer(trips, (trips["ended"] - first).dt.total_seconds() / 86400)


@breaks("lookback_sufficient", "incremental")
@batch(lookback=timedelta(days=1))
def last_three_trips_however_old(trips):
    trips = in_order(trips)
    return answer(trips, trips.groupby("driver")["km"].transform(lambda km: km.rolling(3, min_periods=1).sum()))


@breaks("deterministic")
@batch()
def age_of_the_trip_now(trips):
    trips = in_order(trips)
    return answer(trips, (pd.Timestamp.now(tz="UTC") - trips["ended"]).dt.days.astype("float64"))


@breaks("deterministic")
@batch()
def noise(trips):
    trips = in_order(trips)
    return answer(trips, np.random.default_rng().uniform(size=len(trips)))


@breaks("deterministic")
@batch()
def hash_of_the_city(trips):
    trips = in_order(trips)
    return answer(trips, [float(hash(str(city)) % 1000) for city in trips["city"]])


@breaks("timezone_free")
@batch()
def local_hour_of_the_trip(trips):
    trips = in_order(trips)
    return answer(trips, [float(datetime.fromtimestamp(at.timestamp()).hour) for at in trips["ended"]])


@breaks("input_untouched")
@batch()
def fare_filled_in_place(trips):
    trips["fare"] = trips["fare"].fillna(0.0)
    trips = in_order(trips)
    return answer(trips, trips["fare"])


@breaks("order_invariant", "entity_isolated")
@batch()
def number_of_the_row(trips):
    whole = trips.assign(number=trips.index.astype("float64")).sort_values([*KEYS, "number"])
    return answer(whole, whole["number"])


@breaks("schema_kept")
@batch()
def first_event_peeked_at(trips):
    assert trips["km"].iloc[0] is not None
    trips = in_order(trips)
    return answer(trips, trips["km"])


@breaks("schema_kept")
@batch(dtype="int64")
def half_a_kilometre_as_integer(trips):
    trips = in_order(trips)
    return answer(trips, trips["km"].floordiv(1) + 0.5)


@breaks("no_lookahead")
@batch()
def mean_over_partition(trips: DuckDBPyRelation) -> DuckDBPyRelation:
    once = trips.aggregate("driver, ended, max(km) as km")
    return once.project("driver, ended, avg(km) over (partition by driver) as value")


@breaks("no_lookahead")
@batch()
def lead_over_partition(trips: DuckDBPyRelation) -> DuckDBPyRelation:
    once = trips.aggregate("driver, ended, max(km) as km")
    return once.project("driver, ended, lead(km) over (partition by driver order by ended) as value")


@breaks("entity_isolated")
@batch(lookback=WEEK)
def range_without_partition(trips: DuckDBPyRelation) -> DuckDBPyRelation:
    frame = "over (order by ended range between interval 7 days preceding and current row)"
    return trips.project(f"driver, ended, sum(km) {frame} as value").distinct()


@breaks("lookback_sufficient", "incremental")
@batch(lookback=WEEK)
def month_in_sql(trips: DuckDBPyRelation) -> DuckDBPyRelation:
    frame = "over (partition by driver order by ended range between interval 30 days preceding and current row)"
    return trips.project(f"driver, ended, sum(km) {frame} as value").distinct()


@breaks("deterministic")
@batch()
def random_in_sql(trips: DuckDBPyRelation) -> DuckDBPyRelation:
    return trips.aggregate("driver, ended, max(km) as km").project("driver, ended, km + random() as value")
