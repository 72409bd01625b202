"""Plain Feast batch views that break a law: Feast calls their function on the events of one materialization window."""

import random
from datetime import datetime

import pandas as pd
from facts import batch_view
from feast.types import Float64, Int64

KEPT = ["driver", "ended"]


def by_time(trips):
    return trips.sort_values(["ended", "fare", "km"], kind="stable")


@batch_view(breaks="incremental")
def kilometres_so_far(trips):
    ordered = by_time(trips)
    return ordered[KEPT].assign(value=ordered.groupby("driver")["km"].cumsum())


@batch_view(breaks="incremental")
def fare_before_this_one(trips):
    ordered = by_time(trips)
    return ordered[KEPT].assign(value=ordered.groupby("driver")["fare"].shift(1))


@batch_view(breaks="no_lookahead")
def fare_after_this_one(trips):
    ordered = by_time(trips)
    return ordered[KEPT].assign(value=ordered.groupby("driver")["fare"].shift(-1))


@batch_view(breaks="no_lookahead,entity_isolated,incremental")
def kilometres_against_all(trips):
    return trips[KEPT].assign(value=trips["km"] - trips["km"].mean())


@batch_view(breaks="no_lookahead,incremental")
def kilometres_against_own(trips):
    return trips[KEPT].assign(value=trips["km"] - trips.groupby("driver")["km"].transform("mean"))


@batch_view(breaks="input_untouched")
def fare_filled_where_it_lies(trips):
    trips["fare"] = trips["fare"].fillna(0.0)
    return trips[KEPT].assign(value=trips["fare"])


@batch_view(breaks="schema_kept", gives=Float64)
def kilometres_in_words(trips):
    return trips[KEPT].assign(value=[f"{each} km" for each in trips["km"]])


@batch_view(breaks="schema_kept", gives=Int64)
def city_where_a_number_is_declared(trips):
    return trips[KEPT].assign(value=trips["city"])


@batch_view(breaks="schema_kept")
def forgets_its_feature(trips):
    return trips[KEPT].assign(values=trips["km"])


@batch_view(breaks="schema_kept")
def empty_window_is_forgotten(trips):
    assert trips["ended"].iloc[0] is not None
    return trips[KEPT].assign(value=trips["km"])


@batch_view(breaks="deterministic")
def noise_on_kilometres(trips):
    return trips[KEPT].assign(value=[each + random.random() for each in trips["km"]])


@batch_view(breaks="deterministic")
def hours_since_the_trip(trips):
    return trips[KEPT].assign(value=(pd.Timestamp.now("UTC") - trips["ended"]).dt.total_seconds() // 3600)


@batch_view(breaks="timezone_free", gives=Int64)
def hour_on_the_server(trips):
    hours = [datetime.fromtimestamp(each.timestamp()).hour for each in trips["ended"]]
    return trips[KEPT].assign(value=pd.Series(hours, index=trips.index, dtype="int64"))
