"""Plain Feast on-demand views that break a law: Feast feeds them its own two typings, and makes them anew from text."""

import math

import numpy as np
import pandas as pd
from facts import logged, view
from feast.types import Bool, Float64, Int64, String

RATE = 1.25


def doubled(values):
    """A helper that Feast does not store with the views that call it."""
    return values * 2


@view(breaks="null_parity")
def log_of_null(inputs):
    return pd.DataFrame({"value": np.log1p(inputs["amount"].where(inputs["amount"] > 0, 0) + 0 * inputs["amount"])})


@view(breaks="null_parity")
def absolute(inputs):
    return pd.DataFrame({"value": inputs["amount"].abs()})


@view(breaks="null_parity", gives=Int64)
def truth_of_nan(inputs):
    return pd.DataFrame({"value": [1 if each else 0 for each in inputs["amount"]]})


@view(breaks="null_parity", gives=Bool)
def null_told_by_is_none(inputs):
    return pd.DataFrame({"value": [each is None for each in inputs["amount"]]})


@view(breaks="null_parity", gives=String)
def number_as_text(inputs):
    return pd.DataFrame({"value": inputs["visits"].astype(str)})


@view(breaks="null_parity", gives=Bool)
def number_compared_as_text(inputs):
    return pd.DataFrame({"value": [str(each) == "2" for each in inputs["visits"]]})


@view(breaks="null_parity")
def integer_division_by_zero(inputs):
    with np.errstate(all="ignore"):
        return pd.DataFrame({"value": (100 // inputs["visits"].fillna(1).to_numpy()).astype("float64")})


@view(breaks="null_parity")
def integer_overflow(inputs):
    visits = inputs["visits"].fillna(0).clip(-1000, 1000)
    return pd.DataFrame({"value": (visits * 10**16).astype("float64")})


@view(breaks="null_parity", gives=Int64)
def hour_of_null(inputs):
    return pd.DataFrame({"value": inputs["seen"].dt.hour})


@view(breaks="dtype_parity", gives=Bool)
def float_equality(inputs):
    return pd.DataFrame({"value": inputs["price"] == 0.1})


@view(breaks="dtype_parity", reads=logged)
def naive_against_aware(inputs):
    noted = pd.to_datetime(inputs["noted"])
    return pd.DataFrame({"value": (noted - pd.Timestamp("2024-01-01")).dt.days.astype("float64")})


@view(breaks="input_untouched")
def filled_in_place(inputs):
    inputs["amount"] = inputs["amount"].astype("float64").fillna(0.0)
    return pd.DataFrame({"value": inputs["amount"] * 2})


@view(breaks="input_untouched")
def column_added_in_place(inputs):
    inputs["twice"] = inputs["amount"].astype("float64") * 2
    return pd.DataFrame({"value": inputs["twice"]})


@view(breaks="order_invariant")
def aligned_by_index(inputs):
    fresh = inputs["amount"].astype("float64").reset_index(drop=True)
    return pd.DataFrame({"value": fresh}, index=inputs.index)


@view(breaks="rehydrates")
def calls_a_helper(inputs):
    return pd.DataFrame({"value": doubled(inputs["amount"].astype("float64"))})


@view(breaks="rehydrates")
def reads_a_constant(inputs):
    return pd.DataFrame({"value": inputs["amount"].astype("float64") * RATE})


@view(breaks="rehydrates", gives=Float64)
def uses_an_import_of_the_module(inputs):
    return pd.DataFrame({"value": [math.floor(0.5) + each for each in inputs["amount"].astype("float64")]})


@view(breaks="batch_invariant")
def standardised(inputs):
    amount = inputs["amount"].astype("float64")
    return pd.DataFrame({"value": amount - amount.mean()})


@view(breaks="batch_invariant,order_invariant")
def shifted(inputs):
    return pd.DataFrame({"value": inputs["amount"].astype("float64").shift(1)})


@view(breaks="schema_kept")
def rows_dropped(inputs):
    return pd.DataFrame({"value": inputs["amount"].astype("float64").dropna()})


@view(breaks="schema_kept")
def one_column_too_many(inputs):
    amount = inputs["amount"].astype("float64")
    return pd.DataFrame({"value": amount, "debug": amount})


@view(breaks="schema_kept", gives=Int64)
def integer_that_is_none(inputs):
    return pd.DataFrame({"value": inputs["amount"].astype("float64").clip(-1e6, 1e6) / 2})


@view(breaks="timezone_free", gives=Int64)
def hour_where_the_server_is(inputs):
    import time

    seconds = [None if pd.isna(each) else pd.Timestamp(each).timestamp() for each in inputs["seen"]]
    return pd.DataFrame(
        {"value": pd.array([pd.NA if s is None else time.localtime(s).tm_hour for s in seconds], "Int64")}
    )


@view(breaks="deterministic", gives=Int64)
def bucket_by_hash_of_text(inputs):
    return pd.DataFrame({"value": [hash(str(each)) % 1000 for each in inputs["city"]]})


@view(breaks="batch_invariant", mode="python")
def share_of_all(inputs):
    amounts = [0.0 if each is None or each != each else min(abs(each), 1e6) for each in inputs["amount"]]
    return {"value": [each / (sum(amounts) or 1.0) for each in amounts]}


@view(breaks="batch_invariant,order_invariant", mode="python")
def sorted_list(inputs):
    return {"value": sorted(0.0 if each is None or each != each else each for each in inputs["amount"])}


@view(breaks="input_untouched", mode="python")
def list_changed_in_place(inputs):
    for at, each in enumerate(inputs["amount"]):
        inputs["amount"][at] = 0.0 if each is None or each != each else each
    return {"value": list(inputs["amount"])}


@view(breaks="null_parity", mode="python", gives=String)
def text_of_a_float(inputs):
    return {"value": ["" if each is None else str(each) for each in inputs["visits"]]}


@view(breaks="null_parity,schema_kept", mode="python")
def arithmetic_on_none(inputs):
    return {"value": [each * 2.0 for each in inputs["amount"]]}


@view(breaks="null_parity", mode="python")
def none_but_not_nan(inputs):
    return {"value": [0.0 if each is None else float(each) for each in inputs["amount"]]}
