"""Plain Feast on-demand views that keep every law."""

import numpy as np
import pandas as pd
from facts import logged, view
from feast.types import Bool, Int64, String


@view()
def twice(inputs):
    return pd.DataFrame({"value": inputs["amount"].astype("float64") * 2})


@view()
def logarithm_of_numbers(inputs):
    return pd.DataFrame({"value": np.log1p(inputs["amount"].astype("float64").clip(lower=0))})


@view()
def filled(inputs):
    return pd.DataFrame({"value": pd.to_numeric(inputs["amount"]).astype("float64").fillna(0.0)})


@view(gives=Bool)
def null_told_by_pandas(inputs):
    return pd.DataFrame({"value": inputs["amount"].isna()})


@view(gives=String)
def whole_number_as_text(inputs):
    visits = pd.to_numeric(inputs["visits"]).astype("float64").clip(-(2.0**50), 2.0**50)
    return pd.DataFrame({"value": ["" if pd.isna(each) else str(int(each)) for each in visits]})


@view()
def division_guarded(inputs):
    visits = inputs["visits"].astype("float64")
    return pd.DataFrame({"value": 100 / visits.where(visits != 0)})


@view(gives=Int64)
def hour_in_utc(inputs):
    return pd.DataFrame({"value": pd.to_datetime(inputs["seen"], utc=True).dt.hour})


@view(gives=Bool)
def floats_close(inputs):
    return pd.DataFrame({"value": np.isclose(inputs["price"].astype("float64"), 0.1, atol=1e-5)})


@view(reads=logged)
def both_in_utc(inputs):
    noted = pd.to_datetime(inputs["noted"], utc=True)
    return pd.DataFrame({"value": (noted - pd.Timestamp("2024-01-01", tz="UTC")).dt.days.astype("float64")})


@view()
def copy_changed(inputs):
    own = inputs.copy()
    own["amount"] = own["amount"].astype("float64").fillna(0.0)
    return pd.DataFrame({"value": own["amount"]})


@view()
def everything_inside(inputs):
    import math

    rate = 1.25
    return pd.DataFrame({"value": [math.fabs(each) * rate for each in inputs["amount"].astype("float64")]})


@view(gives=String)
def upper_case(inputs):
    return pd.DataFrame({"value": [None if pd.isna(each) else each.upper() for each in inputs["city"]]})


@view(gives=Int64)
def bucket_by_checksum_of_text(inputs):
    import zlib

    return pd.DataFrame({"value": [zlib.crc32(str(each or "").encode()) % 1000 for each in inputs["city"]]})


@view()
def compared_with_a_number(inputs):
    return pd.DataFrame({"value": (inputs["amount"] > 10.0).astype("float64")})


@view(mode="python")
def number_or_zero(inputs):
    return {"value": [0.0 if each is None or each != each else float(each) for each in inputs["amount"]]}


@view(mode="python", gives=String)
def integer_as_text(inputs):
    return {"value": ["" if each is None else str(int(each)) for each in inputs["visits"]]}


@view(mode="python", gives=Int64)
def how_many_labels(inputs):
    return {"value": [0 if each is None else len(each) for each in inputs["labels"]]}
