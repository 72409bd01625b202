"""The Arrow types that hold values of Feast's dtypes, for keys and request data that no source types."""

from __future__ import annotations

import pyarrow as pa

from skewguard.dtypes import Dtype, Family, parse

PRIMITIVES = {
    "Bool": pa.bool_(),
    "Int32": pa.int32(),
    "Int64": pa.int64(),
    "Float32": pa.float32(),
    "Float64": pa.float64(),
    "Decimal": pa.decimal128(18, 4),
    "ScalarMap": pa.map_(pa.string(), pa.float64()),
}
FAMILIES = {
    Family.TEXT: pa.string(),
    Family.JSON: pa.string(),
    Family.BYTES: pa.binary(),
    Family.TIMESTAMP: pa.timestamp("us", "UTC"),
    Family.MAP: pa.map_(pa.string(), pa.string()),
}


def arrow_type(dtype: str) -> pa.DataType:
    """The Arrow type for a dtype as Feast prints it."""
    return _arrow_type(parse(dtype))


def _arrow_type(dtype: Dtype) -> pa.DataType:
    if dtype.element is not None:
        return pa.list_(_arrow_type(dtype.element))
    if dtype.fields:
        return pa.struct([pa.field(name, _arrow_type(each)) for name, each in dtype.fields])
    return PRIMITIVES[dtype.name] if dtype.name in PRIMITIVES else FAMILIES[dtype.family]
