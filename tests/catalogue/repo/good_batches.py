"""Plain Feast batch views that keep every law: what they say of an event follows from that event alone."""

import pandas as pd
from facts import batch_view
from feast.types import Float32, Int64, String

KEYS = ["driver", "ended"]


@batch_view()
def fare_of_a_kilometre(trips):
    return trips[KEYS].assign(value=trips["fare"] / trips["km"].where(trips["km"] > 0))


@batch_view()
def fare_or_nothing(trips):
    return trips[KEYS].assign(value=trips["fare"].fillna(0.0))


@batch_view(gives=Int64)
def hour_of_the_end_in_utc(trips):
    return trips[KEYS].assign(value=trips["ended"].dt.tz_convert("UTC").dt.hour.astype("int64"))


@batch_view(gives=String)
def city_in_small_letters(trips):
    return trips[KEYS].assign(value=[None if pd.isna(each) else each.strip().lower() for each in trips["city"]])


@batch_view(gives=Float32)
def kilometres_in_short(trips):
    return trips[KEYS].assign(value=trips["km"].astype("float32"))


@batch_view()
def last_of_one_time(trips):
    ordered = trips.sort_values(["ended", "driver", "km", "fare"], kind="stable")
    return ordered.drop_duplicates(KEYS, keep="last")[KEYS].assign(value=ordered["km"])


@batch_view(gives=Int64)
def long_trip_or_not(trips):
    kept = trips.copy()
    kept["value"] = (kept["km"] > 10).astype("int64")
    return kept
