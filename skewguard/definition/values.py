"""Single values on their way to a row function: the same Python value on both paths, by declared dtype alone.

What arrives is what Feast's online store keeps of a value, whichever path brings it: every form of null is None;
integers are int (cut like Feast cuts), floats are float (a Float32 rounded to 32 bits), timestamps are
datetimes in UTC of whole seconds, arrays are lists, sets are sets, maps and structs are dicts, JSON is parsed.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from skewguard.dtypes import Dtype, Family

NULL_TIMESTAMP = -(2**63)  # Feast's proto has no null timestamp: this number stands for it
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER_NULL = (str, int, bytes, list, tuple, dict, set)
NULL_CLASSES = frozenset({"NAType", "NaTType"})
# Feast's online store has no null inside a list: it keeps these (FEAST.md 1.4).
ABSENT: dict[Family, Any] = {Family.TEXT: "", Family.BOOL: False, Family.BYTES: b"", Family.FLOAT: math.nan}
Reader = Callable[[Any], Any]


def is_null(value: Any) -> bool:
    """None, NaN, NaT and NA, also as numpy scalars; never a container."""
    if value is None:
        return True
    if isinstance(value, float):
        return value != value
    if isinstance(value, NEVER_NULL):
        return False
    if type(value).__name__ in NULL_CLASSES:
        return True
    return getattr(value, "shape", None) == () and bool(value != value)  # a numpy scalar


def reader(dtype: Dtype) -> Reader:
    """The function that turns what Feast hands over into the value a row function is given; raises ValueError."""
    convert = _READERS[dtype.family](dtype)

    def read(value: Any) -> Any:
        return None if is_null(value) else convert(value)

    return read


def _read_integer(dtype: Dtype) -> Reader:
    return int


def _read_float(dtype: Dtype) -> Reader:
    return single if dtype.name == "Float32" else float


def _read_bool(dtype: Dtype) -> Reader:
    def read(value: Any) -> bool:
        if value not in (0, 1):
            raise ValueError(f"{value!r} is neither true nor false")
        return bool(value)

    return read


def _read_text(dtype: Dtype) -> Reader:
    if dtype.name in ("Uuid", "TimeUuid"):
        return lambda value: str(value).lower()
    return str


def _read_bytes(dtype: Dtype) -> Reader:
    return bytes


def _read_timestamp(dtype: Dtype) -> Reader:
    def read(value: Any) -> datetime | None:
        return None if value == NULL_TIMESTAMP else whole_seconds(value)

    return read


def _read_decimal(dtype: Dtype) -> Reader:
    return lambda value: Decimal(str(value))


def _read_json(dtype: Dtype) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, str):
            return plain(value)
        try:
            return json.loads(value)
        except ValueError:  # already parsed, to a text
            return value

    return read


def _read_map(dtype: Dtype) -> Reader:
    return lambda value: dict(json.loads(value) if isinstance(value, str) else plain(value))


def _read_struct(dtype: Dtype) -> Reader:
    readers = {name: reader(field) for name, field in dtype.fields}

    def read(value: Any) -> dict[str, Any]:
        given = json.loads(value) if isinstance(value, str) else dict(value)
        return {name: convert(given.get(name)) for name, convert in readers.items()}

    return read


def _read_array(dtype: Dtype) -> Reader:
    assert dtype.element is not None
    convert = reader(dtype.element)
    absent = ABSENT.get(dtype.element.family)
    return lambda value: [absent if is_null(each) else convert(each) for each in plain(value)]


def _read_set(dtype: Dtype) -> Reader:
    convert = _read_array(dtype)
    return lambda value: set(convert(value))


_READERS: dict[Family, Callable[[Dtype], Reader]] = {
    Family.INTEGER: _read_integer,
    Family.FLOAT: _read_float,
    Family.BOOL: _read_bool,
    Family.TEXT: _read_text,
    Family.BYTES: _read_bytes,
    Family.TIMESTAMP: _read_timestamp,
    Family.DECIMAL: _read_decimal,
    Family.JSON: _read_json,
    Family.MAP: _read_map,
    Family.STRUCT: _read_struct,
    Family.ARRAY: _read_array,
    Family.SET: _read_set,
}


def single(value: Any) -> float:
    """The nearest 32-bit float, infinity where there is none, as Feast's online store keeps it."""
    number = float(value)
    try:
        rounded: float = struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        return math.copysign(math.inf, number)
    return rounded


def whole_seconds(value: Any) -> datetime:
    """A moment in UTC, of whole seconds, from a datetime (UTC where it does not say), a date, or epoch seconds."""
    if hasattr(value, "to_pydatetime"):  # pandas
        value = value.to_pydatetime(warn=False)
    elif hasattr(value, "astype"):  # numpy
        value = value.astype("datetime64[us]").item()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return EPOCH + timedelta(seconds=int(value))
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        raise ValueError(f"{value!r} is not a time")
    moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    before_epoch = moment.microsecond > 0 and moment.year < 1970
    return moment.replace(microsecond=0) + timedelta(seconds=before_epoch)  # Feast's int() cuts towards zero


def plain(value: Any) -> Any:
    """A numpy array as a list; anything else as it is."""
    return value.tolist() if hasattr(value, "tolist") else value
