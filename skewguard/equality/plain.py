"""Arrow values as Python has them; times that Python has none for, as seconds since 1970."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa

IN_A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
SECONDS_OF_A_DAY = 86_400


def plain(values: pa.Array | pa.ChunkedArray) -> list[Any]:
    """As `to_pylist`, which gives up at the first time beyond the years 1 to 9999: those are numbers here."""
    try:
        whole: list[Any] = values.to_pylist()
    except (OverflowError, ValueError):
        return [_plain(each) for each in values]
    return whole


def _plain(value: pa.Scalar) -> Any:
    try:
        return value.as_py()
    except (OverflowError, ValueError):
        match value:
            case pa.TimestampScalar():
                parts = IN_A_SECOND[value.type.unit]
                return Decimal(value.value) / parts if value.value % parts else value.value // parts
            case pa.Date32Scalar():
                return value.value * SECONDS_OF_A_DAY
            case pa.StructScalar():
                return {name: _plain(value[name]) for name in value}
            case pa.MapScalar():
                return [(_plain(pair["key"]), _plain(pair["value"])) for pair in value.values]
            case pa.ListScalar() | pa.LargeListScalar() | pa.FixedSizeListScalar():
                return [_plain(each) for each in value.values]
        raise
