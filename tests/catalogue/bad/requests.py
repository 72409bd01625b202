"""On-demand transforms, written once with the decorator, that break a law.

Their inputs are typed by declaration on both paths: `null_parity` and `dtype_parity` cannot be broken here;
repo/bad_views.py has those. Of a transform whose answers change from call to call nothing else can be told: it is
labelled `deterministic` alone.
"""

from __future__ import annotations

import time
import uuid
from datetime import datetime

import numpy as np
import pandas as pd
from labels import breaks

from skewguard import Feature, on_demand_features

AMOUNT = {"amount": "float64"}
CITY = {"city": "string"}
BOTH = {"amount": "float64", "city": "string"}
SEEN = {"seen": "unixtimestamp"}
RATES = pd.DataFrame({"city": ["a", "b", "New York"], "rate": [1.0, 2.0, 3.0]})
CALLS: list[int] = []
LAST: dict[str, float] = {}


def one(dtype: str = "float64") -> list[Feature]:
    """The one feature that each of these has."""
    return [Feature("value", dtype, nullable=True)]


@breaks("batch_invariant")
@on_demand_features(inputs=AMOUNT, features=one())
def centred_by_batch(inputs):
    return pd.DataFrame({"value": inputs["amount"] - inputs["amount"].mean()})


@breaks("batch_invariant")
@on_demand_features(inputs=AMOUNT, features=one())
def scaled_by_batch_maximum(inputs):
    return pd.DataFrame({"value": inputs["amount"] / inputs["amount"].abs().max()})


@breaks("batch_invariant")
@on_demand_features(inputs=AMOUNT, features=one())
def filled_with_batch_median(inputs):
    return pd.DataFrame({"value": inputs["amount"].fillna(inputs["amount"].median())})


@breaks("batch_invariant")
@on_demand_features(inputs=AMOUNT, features=one())
def ranked(inputs):
    return pd.DataFrame({"value": inputs["amount"].rank(pct=True)})


@breaks("batch_invariant", "order_invariant")
@on_demand_features(inputs=AMOUNT, features=one())
def ranked_first_come(inputs):
    return pd.DataFrame({"value": inputs["amount"].rank(method="first")})


@breaks("batch_invariant")
@on_demand_features(inputs=AMOUNT, features=one("bool"))
def above_batch_quantile(inputs):
    return pd.DataFrame({"value": inputs["amount"] >= inputs["amount"].quantile(0.9)})


@breaks("batch_invariant")
@on_demand_features(inputs=AMOUNT, features=one())
def clipped_at_batch_quantile(inputs):
    return pd.DataFrame({"value": inputs["amount"].clip(upper=inputs["amount"].quantile(0.5))})


@breaks("batch_invariant", "order_invariant")
@on_demand_features(inputs=AMOUNT, features=one())
def change_from_row_before(inputs):
    return pd.DataFrame({"value": inputs["amount"] - inputs["amount"].shift(1)})


@breaks("batch_invariant", "order_invariant")
@on_demand_features(inputs=AMOUNT, features=one())
def running_total_of_rows(inputs):
    return pd.DataFrame({"value": inputs["amount"].fillna(0.0).cumsum()})


@breaks("batch_invariant", "order_invariant")
@on_demand_features(inputs=AMOUNT, features=one())
def filled_from_row_before(inputs):
    return pd.DataFrame({"value": inputs["amount"].ffill()})


@breaks("batch_invariant", "order_invariant")
@on_demand_features(inputs=AMOUNT, features=one())
def moving_average_over_rows(inputs):
    return pd.DataFrame({"value": inputs["amount"].rolling(3, min_periods=1).mean()})


@breaks("batch_invariant", "order_invariant")
@on_demand_features(inputs=AMOUNT, features=one())
def sorted_and_numbered_anew(inputs):
    return pd.DataFrame({"value": inputs.sort_values("amount")["amount"].to_numpy()})


@breaks("batch_invariant")
@on_demand_features(inputs=BOTH, features=one())
def mean_of_group_in_batch(inputs):
    return pd.DataFrame({"value": inputs.groupby("city")["amount"].transform("mean")})


@breaks("batch_invariant")
@on_demand_features(inputs=CITY, features=one())
def how_often_in_batch(inputs):
    return pd.DataFrame({"value": inputs["city"].map(inputs["city"].value_counts()).astype("float64")})


@breaks("batch_invariant")
@on_demand_features(inputs=CITY, features=one("int64"))
def category_codes(inputs):
    return pd.DataFrame({"value": inputs["city"].astype("category").cat.codes.astype("int64")})


@breaks("batch_invariant", "order_invariant")
@on_demand_features(inputs=CITY, features=one("int64"))
def factorised(inputs):
    return pd.DataFrame({"value": pd.factorize(inputs["city"])[0].astype("int64")})


@breaks("schema_kept")
@on_demand_features(inputs=CITY, features=[Feature("city_a", "float64"), Feature("city_b", "float64")])
def dummies_of_what_is_there(inputs):
    return pd.get_dummies(inputs["city"], prefix="city").astype("float64")


@breaks("batch_invariant")
@on_demand_features(inputs=CITY, features=[Feature("city_a", "float64"), Feature("city_b", "float64")])
def dummies_without_a_filling(inputs):
    dummies = pd.get_dummies(inputs["city"], prefix="city").astype("float64")
    return dummies.reindex(columns=["city_a", "city_b"])


@breaks("schema_kept")
@on_demand_features(inputs=CITY, features=one())
def merge_that_loses_rows(inputs):
    return inputs.merge(RATES, on="city", how="inner")[["rate"]].rename(columns={"rate": "value"})


@breaks("batch_invariant", "order_invariant")
@on_demand_features(inputs=CITY, features=one())
def merge_that_reorders(inputs):
    known = inputs.merge(RATES, on="city", how="left").sort_values(["city", "rate"], ignore_index=True)
    return known[["rate"]].rename(columns={"rate": "value"})


@breaks("batch_invariant", "order_invariant")
@on_demand_features(inputs=AMOUNT, features=one())
def joined_by_index(inputs):
    weights = pd.Series(np.arange(10_000.0))
    return pd.DataFrame({"value": inputs["amount"] + weights.reindex(inputs.index)})


@breaks("batch_invariant", "order_invariant")
@on_demand_features(inputs=AMOUNT, features=one())
def place_in_an_unstable_sort(inputs):
    places = np.argsort(np.argsort(inputs["amount"].to_numpy(), kind="quicksort"), kind="quicksort")
    return pd.DataFrame({"value": places.astype("float64")})


@breaks("schema_kept")
@on_demand_features(inputs=AMOUNT, features=one("int64"))
def fraction_as_integer(inputs):
    return pd.DataFrame({"value": inputs["amount"] / 2})


@breaks("schema_kept")
@on_demand_features(inputs={"visits": "int64"}, features=one("int64"))
def integer_of_null(inputs):
    return pd.DataFrame({"value": inputs["visits"].clip(-(10**6), 10**6).astype("int64")})


@breaks("schema_kept")
@on_demand_features(inputs=AMOUNT, features=one())
def rows_with_null_dropped(inputs):
    return inputs.dropna().rename(columns={"amount": "value"})


@breaks("schema_kept")
@on_demand_features(inputs=AMOUNT, features=one())
def peeks_at_the_first_row(inputs):
    assert isinstance(inputs["amount"].iloc[0], float)
    return pd.DataFrame({"value": inputs["amount"] * 2})


@breaks("deterministic")
@on_demand_features(inputs=SEEN, features=one())
def days_until_now(inputs):
    return pd.DataFrame({"value": (pd.Timestamp.now(tz="UTC") - inputs["seen"]).dt.days.astype("float64")})


@breaks("deterministic")
@on_demand_features(inputs=AMOUNT, features=one())
def jittered(inputs):
    return pd.DataFrame({"value": inputs["amount"] + np.random.default_rng().uniform(1, 2, len(inputs))})


@breaks("batch_invariant", "order_invariant")
@on_demand_features(inputs=AMOUNT, features=one())
def jittered_with_a_seed(inputs):
    noise = np.random.default_rng(0).uniform(1, 1000, len(inputs))
    return pd.DataFrame({"value": inputs["amount"] + noise})


@breaks("deterministic")
@on_demand_features(inputs=AMOUNT, features=one())
def mutable_default(inputs, calls=[]):  # noqa: B006
    calls.append(1)
    return pd.DataFrame({"value": inputs["amount"].fillna(0.0) * 0 + len(calls)})


@breaks("deterministic")
@on_demand_features(inputs=AMOUNT, features=one())
def global_counter(inputs):
    CALLS.append(len(inputs))
    return pd.DataFrame({"value": inputs["amount"].notna() * 1.0 + sum(CALLS)})


@breaks("deterministic")
@on_demand_features(mode="row", inputs=CITY, features=one("int64"))
def bucket_by_hash(city):
    return None if city is None else hash(city) % 1000


@breaks("deterministic")
@on_demand_features(mode="row", inputs={"labels": "array(string)"}, features=one("string"))
def first_of_a_set(labels):
    if not labels:
        return None
    return ",".join({f"{label}{suffix}" for label in labels for suffix in "xyz"})


@breaks("deterministic")
@on_demand_features(mode="row", inputs=CITY, features=one("string"))
def fresh_identifier(city):
    return f"{city}-{uuid.uuid4()}"


@breaks("timezone_free")
@on_demand_features(mode="row", inputs=SEEN, features=one("int64"))
def local_hour(seen):
    return None if seen is None else datetime.fromtimestamp(seen.timestamp()).hour


@breaks("timezone_free")
@on_demand_features(mode="row", inputs=SEEN, features=one("string"))
def local_day(seen):
    return None if seen is None else time.strftime("%Y-%m-%d %H", time.localtime(seen.timestamp()))


@breaks("timezone_free")
@on_demand_features(mode="row", inputs=SEEN, features=one("float64"))
def moment_read_as_local(seen):
    return None if seen is None else seen.replace(tzinfo=None).timestamp()


@breaks("schema_kept")
@on_demand_features(mode="row", inputs={"amount": "float64", "visits": "int64"}, features=one())
def division_by_zero(amount, visits):
    return None if amount is None or visits is None else amount / visits


@breaks("schema_kept")
@on_demand_features(mode="row", inputs=CITY, features=one("int64"))
def length_of_nothing(city):
    return len(city)


@breaks("schema_kept")
@on_demand_features(mode="row", inputs=CITY, features=one("int64"))
def unseen_category(city):
    codes = {"a": 0, "b": 1, "B": 2, "New York": 3, "42": 4, " x ": 5, None: -1}
    return codes[city]


@breaks("deterministic")
@on_demand_features(mode="row", inputs=BOTH, features=one())
def change_since_last_call(amount, city):
    amount = min(max(amount or 0.0, -1e6), 1e6)
    before = LAST.get("amount", -1.0)
    LAST["amount"] = amount + 1
    return amount - before


@breaks("input_untouched")
@on_demand_features(inputs=AMOUNT, features=one())
def filled_where_it_lies(inputs):
    """Feast's own frame is safe; that of whoever calls the very function in a notebook is not."""
    inputs["amount"] = inputs["amount"].fillna(0.0)
    return pd.DataFrame({"value": inputs["amount"] * 2})
