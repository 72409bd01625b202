"""Transforms that keep every law or break some, with the laws that they break, for the tests of parity."""

from __future__ import annotations

MODULE = '''
import os
import random
import time
import warnings
from datetime import date, datetime

import numpy as np
import pandas as pd

from skewguard import Feature, on_demand_features

NUMBER = {"x": "float64"}
Y = [Feature("y", "float64")]
SEEN = []


def one(**inputs):
    return on_demand_features(inputs=inputs or NUMBER, features=Y)


@on_demand_features(inputs={"city": "string"}, features=[Feature("a", "float64"), Feature("b", "float64")])
def dummies(inputs):
    """Two cities beside each other have both columns, one alone has not."""
    return pd.get_dummies(inputs["city"]).astype("float64")


def as_y(values):
    return pd.DataFrame({"y": values})


@one(x="float64", n="int64", s="string", t="unixtimestamp")
def sound(inputs):
    """Float noise, division by zero, nulls: nothing that differs between the paths."""
    days = (inputs["t"] - pd.Timestamp("2024-01-01", tz="UTC")) / pd.Timedelta(days=1)
    return as_y(inputs["x"] / inputs["n"] + inputs["s"].map(lambda s: 0 if s is None else len(s)) * 0.1 + days)


@on_demand_features(mode="row", inputs={"n": "int64", "s": "string"}, features=Y)
def sound_row(n, s):
    return None if n is None or s is None else n * 2.0


@one()
def centred(inputs):
    return as_y(inputs["x"] - inputs["x"].mean())


@one()
def running(inputs):
    return as_y(inputs["x"].cumsum())


@one()
def shortened(inputs):
    return as_y(inputs["x"]).head(1)


@one()
def noisy(inputs):
    return as_y(inputs["x"] + np.random.rand(len(inputs)))


@one()
def dated(inputs):
    return as_y(inputs["x"] + date.today().year)


@one()
def stateful(inputs):
    SEEN.append(1)
    return as_y(inputs["x"] + len(SEEN))


@one()
def filled(inputs):
    inputs["x"] = inputs["x"].fillna(0.0)
    return as_y(inputs["x"])


@one()
def refusing(inputs):
    if inputs["x"].isna().any():
        raise ValueError("no nulls please")
    return as_y(inputs["x"])


@one(t="unixtimestamp")
def local_hour(inputs):
    return as_y(inputs["t"].map(lambda t: None if t is pd.NaT else float(time.localtime(t.timestamp()).tm_hour)))


@one()
def dropping(inputs):
    return as_y(inputs["x"].dropna())


@one()
def renamed(inputs):
    return pd.DataFrame({"z": inputs["x"]})


@one(n="int64")
def chatty(inputs):
    print("hello")
    os.chdir("/")
    warnings.simplefilter("ignore", UserWarning)
    return as_y(inputs["n"] * 1.0)


@on_demand_features(mode="row", inputs={"n": "int64"}, features=[Feature("y", "int64")])
def doubled(n):
    """Leaves int64 at its ends, on every path alike: no fault."""
    return None if n is None else n * 2
'''

BREAKS = {
    "sound": set(),
    "sound_row": set(),
    "doubled": set(),
    "chatty": set(),
    "centred": {"batch_invariant"},
    "running": {"batch_invariant", "order_invariant"},
    "shortened": {"schema_kept"},
    "noisy": {"deterministic"},
    "dated": {"deterministic"},
    "stateful": {"deterministic"},
    "filled": {"input_untouched"},
    "refusing": {"schema_kept"},
    "dropping": {"schema_kept"},
    "renamed": {"schema_kept"},
    "local_hour": {"timezone_free"},
}

VIEWS = """
driver = Entity(name="driver", join_keys=["driver_id"])
stats = FeatureView(
    name="stats",
    entities=[driver],
    ttl=timedelta(days=9),
    schema=[Field(name="driver_id", dtype=Int64), Field(name="x", dtype=Float64), Field(name="n", dtype=Int64)],
    source=FileSource(name="stats_source", path=HERE + "/stats.parquet", timestamp_field="at"),
)
request = RequestSource(name="request", schema=[Field(name="v", dtype=Int64)])
Y = [Field(name="y", dtype=Float64)]
FACTOR = 3.0


@on_demand_feature_view(sources=[stats, request], schema=Y)
def good(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"y": inputs["x"].fillna(0.0) * 2.0 + inputs["v"]})


@on_demand_feature_view(sources=[stats], schema=Y)
def magnitude(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"y": inputs["x"].abs()})


@on_demand_feature_view(sources=[stats], schema=Y)
def lost_global(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"y": inputs["x"] * FACTOR})


@on_demand_feature_view(sources=[stats], schema=Y)
def typed(inputs: pd.DataFrame) -> pd.DataFrame:
    whole = inputs["n"].dtype.kind == "i"
    return pd.DataFrame({"y": inputs["n"] * (1.0 if whole else 2.0)})


@on_demand_feature_view(sources=[stats], schema=Y)
def by_index(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"y": inputs["x"] + pd.Series([0.0] * len(inputs))})


@on_demand_feature_view(sources=[stats], schema=[Field(name="y", dtype=Int64)])
def cut(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"y": inputs["x"].fillna(0.0) / 2.0})


@on_demand_feature_view(sources=[stats], schema=Y, mode="python")
def python_mode(inputs: dict) -> dict:
    return {"y": [None if x is None or x != x else float(x) for x in inputs["x"]]}


@on_demand_feature_view(sources=[request], schema=[Field(name="y", dtype=Int64)])
def narrow(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"y": inputs["v"] // 2})
"""

VIEWS_BREAK = {
    "good": set(),
    "python_mode": set(),
    "narrow": set(),
    "magnitude": {"null_parity"},
    "lost_global": {"rehydrates"},
    "typed": {"null_parity"},
    "by_index": {"order_invariant"},
    "cut": {"schema_kept"},
}
