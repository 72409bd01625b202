"""One text for a nested value: JSON with sorted keys, whichever Python, numpy or Feast objects it is made of.

Bytes are base64, times ISO-8601 (in UTC where they have a zone), sets sorted lists, UUIDs and decimals their text,
non-finite numbers the strings NaN, Infinity and -Infinity; keys that are not text are written as their values are.
"""

from __future__ import annotations

import base64
import datetime
import json
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID


def canonical_json(value: Any) -> str:
    """The text of `value`; equal values have equal texts."""
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def plain(value: Any) -> Any:
    """`value` made of what JSON can hold and nothing else."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return _number(value)
        case bytes() | bytearray() | memoryview():
            return base64.b64encode(bytes(value)).decode("ascii")
        case datetime.datetime():
            return (value if value.tzinfo is None else value.astimezone(datetime.UTC)).isoformat()
        case datetime.date() | datetime.time() | Decimal() | UUID():
            return str(value)
        case Mapping():
            return {_key(key): plain(each) for key, each in value.items()}
        case set() | frozenset():
            return sorted((plain(each) for each in value), key=canonical_json)
        case _:
            return _foreign(value)


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _foreign(value: Any) -> Any:
    """Numpy scalars and arrays, tuples and other sequences; anything else as its text."""
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return [plain(each) for each in value] if isinstance(value, Iterable) else str(value)


def _key(key: Any) -> str:
    written = plain(key)
    return written if isinstance(written, str) else json.dumps(written)
