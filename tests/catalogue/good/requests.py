"""On-demand transforms, written once with the decorator, that keep every law."""

from __future__ import annotations

import math
import zlib
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from labels import breaks

from skewguard import Feature, on_demand_features

AMOUNT = {"amount": "float64"}
CITY = {"city": "string"}
BOTH = {"amount": "float64", "city": "string"}
SEEN = {"seen": "unixtimestamp"}
RATES = pd.DataFrame({"city": ["a", "b", "New York"], "rate": [1.0, 2.0, 3.0]})
MEANS = {"a": 3.0, "b": 4.0}
CITIES = ("a", "b", "New York")
EPOCH = pd.Timestamp("2024-01-01", tz="UTC")


def one(dtype: str = "float64") -> list[Feature]:
    """The one feature that each of these has."""
    return [Feature("value", dtype, nullable=True)]


@breaks()
@on_demand_features(inputs=AMOUNT, features=one())
def centred_by_a_constant(inputs):
    return pd.DataFrame({"value": (inputs["amount"] - 3.5) / 1.25})


@breaks()
@on_demand_features(inputs=AMOUNT, features=one())
def filled_with_a_constant(inputs):
    return pd.DataFrame({"value": inputs["amount"].fillna(0.0)})


@breaks()
@on_demand_features(inputs=AMOUNT, features=one("int64"))
def fixed_bins(inputs):
    return pd.DataFrame({"value": np.digitize(inputs["amount"].fillna(-1.0), [0.0, 10.0, 100.0])})


@breaks()
@on_demand_features(inputs=AMOUNT, features=one())
def logarithm(inputs):
    return pd.DataFrame({"value": np.log1p(inputs["amount"].clip(lower=0))})


@breaks()
@on_demand_features(inputs={"amount": "float64", "visits": "int64"}, features=one())
def share(inputs):
    return pd.DataFrame({"value": inputs["amount"] / inputs["visits"].where(inputs["visits"] != 0)})


@breaks()
@on_demand_features(inputs={"visits": "int64"}, features=one("int64"))
def visits_by_tens(inputs):
    return pd.DataFrame({"value": inputs["visits"].clip(-(10**6), 10**6) // 10})


@breaks()
@on_demand_features(inputs={"visits": "int64"}, features=one("bool"))
def is_new(inputs):
    return pd.DataFrame({"value": inputs["visits"].fillna(0) == 0})


@breaks()
@on_demand_features(inputs=CITY, features=one())
def mean_of_a_fixed_table(inputs):
    return pd.DataFrame({"value": inputs["city"].map(MEANS).astype("float64")})


@breaks()
@on_demand_features(inputs=CITY, features=one())
def merge_on_the_left(inputs):
    return inputs.merge(RATES, on="city", how="left")[["rate"]].rename(columns={"rate": "value"})


@breaks()
@on_demand_features(inputs=CITY, features=[Feature(f"is_{at}", "int64") for at in range(3)])
def dummies_of_fixed_categories(inputs):
    known = pd.Categorical(inputs["city"], categories=CITIES)
    dummies = pd.get_dummies(known).astype("int64")
    dummies.columns = [f"is_{at}" for at in range(3)]
    return dummies


@breaks()
@on_demand_features(inputs=CITY, features=one("int64"))
def codes_of_fixed_categories(inputs):
    return pd.DataFrame({"value": pd.Categorical(inputs["city"], categories=CITIES).codes.astype("int64")})


@breaks()
@on_demand_features(inputs=BOTH, features=one())
def sorted_but_numbered(inputs):
    """Sorting is no fault where the rows keep their numbers."""
    ordered = inputs.sort_values("amount")
    return pd.DataFrame({"value": ordered["amount"] * 2})


@breaks()
@on_demand_features(inputs=SEEN, features=one())
def days_since_a_fixed_day(inputs):
    return pd.DataFrame({"value": (inputs["seen"] - EPOCH).dt.days.astype("float64")})


@breaks()
@on_demand_features(inputs=SEEN, features=one("string"))
def name_of_the_day(inputs):
    return pd.DataFrame({"value": inputs["seen"].dt.day_name()})


@breaks()
@on_demand_features(inputs=SEEN, features=[Feature("sine", "float64"), Feature("cosine", "float64")])
def hour_on_a_circle(inputs):
    turn = inputs["seen"].dt.hour * (2 * np.pi / 24)
    return pd.DataFrame({"sine": np.sin(turn), "cosine": np.cos(turn)})


@breaks()
@on_demand_features(inputs={"flag": "bool"}, features=one("bool"))
def flag_turned(inputs):
    return pd.DataFrame({"value": ~inputs["flag"]})


@breaks()
@on_demand_features(inputs={"amount": "float64", "visits": "int64"}, features=one())
def mean_of_two_columns(inputs):
    return pd.DataFrame({"value": inputs.mean(axis=1)})


@breaks()
@on_demand_features(mode="row", inputs=AMOUNT, features=one("bool"))
def truth_of_none(amount):
    return bool(amount)


@breaks()
@on_demand_features(mode="row", inputs=CITY, features=one("int64"))
def bucket_by_checksum(city):
    return None if city is None else zlib.crc32(city.encode()) % 1000


@breaks()
@on_demand_features(mode="row", inputs={"labels": "array(string)"}, features=one("string"))
def sorted_set(labels):
    return None if labels is None else ",".join(sorted(set(labels)))


@breaks()
@on_demand_features(mode="row", inputs=SEEN, features=one("int64"))
def hour_in_a_named_zone(seen):
    return None if seen is None else seen.astimezone(ZoneInfo("America/New_York")).hour


@breaks()
@on_demand_features(mode="row", inputs=SEEN, features=one("int64"))
def utc_hour_of_a_row(seen):
    return None if seen is None else datetime.fromtimestamp(seen.timestamp(), UTC).hour


@breaks()
@on_demand_features(mode="row", inputs={"visits": "int64"}, features=one("string"))
def exact_number_as_text(visits):
    return None if visits is None else str(visits)


@breaks()
@on_demand_features(mode="row", inputs={"amount": "float64", "visits": "int64"}, features=one())
def guarded_division(amount, visits):
    return None if amount is None or not visits else amount / visits


@breaks()
@on_demand_features(mode="row", inputs=CITY, features=one("int64"))
def category_with_a_place_for_others(city):
    return {"a": 0, "b": 1}.get(city, -1)


@breaks()
@on_demand_features(mode="row", inputs=CITY, features=one("int64"))
def cached_lookup(city):
    """A cache of what follows from the argument alone changes nothing."""
    return None if city is None else length(city)


@cache
def length(text: str) -> int:
    """How many letters."""
    return len(text)


@breaks()
@on_demand_features(mode="row", inputs=AMOUNT, features=one("bool"))
def close_enough(amount):
    return None if amount is None else math.isclose(amount, 0.1 + 0.2)


@breaks()
@on_demand_features(inputs=AMOUNT, features=one())
def noise_from_the_row_itself(inputs):
    """Pseudo-random, but by the value: the same row gets the same noise wherever it stands."""
    return pd.DataFrame({"value": inputs["amount"].clip(-1e6, 1e6).round() * 7919 % 1000})
