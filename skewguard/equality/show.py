"""One text for a nested value, in which values that differ read differently: JSON with sorted keys."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Set
from datetime import UTC, date, datetime, time
from typing import Any

import numpy as np
import pyarrow as pa

from skewguard.equality.equal import is_null
from skewguard.equality.plain import plain


def texts_of(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Each value as `printed`."""
    return pa.array([printed(each, values.type) for each in plain(values)], pa.string())


def printed(value: Any, physical: pa.DataType) -> str | None:
    """JSON text; single floats as the shortest decimal that is that float."""
    if is_null(value):
        return None
    plain = _plain(value, physical)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False, sort_keys=True)


def _plain(value: Any, physical: pa.DataType | None) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return _number(value, physical)
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case datetime():
            return (value if value.tzinfo is None else value.astimezone(UTC)).isoformat()
        case date() | time():
            return value.isoformat()
        case Mapping():
            return {str(key): _plain(each, _field(physical, key)) for key, each in value.items()}
        case list() | tuple() | Set() if physical is not None and pa.types.is_map(physical):
            return {str(key): _plain(each, physical.item_type) for key, each in value}
        case list() | tuple() | Set():
            element = None if physical is None else getattr(physical, "value_type", None)
            return [_plain(each, element) for each in value]
        case _:
            return str(value)


def _number(value: float, physical: pa.DataType | None) -> float | str:
    if not math.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    single = physical is not None and pa.types.is_float32(physical)
    return float(str(np.float32(value))) if single else value


def _field(physical: pa.DataType | None, name: Any) -> pa.DataType | None:
    if physical is None or not pa.types.is_struct(physical):
        return None
    return physical.field(name).type
