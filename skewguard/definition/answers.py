"""Single values on their way from a row function to Feast: at the declared dtype, refused rather than cut."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from skewguard.definition.values import ABSENT, is_null, plain, single, whole_seconds
from skewguard.dtypes import Dtype, Family

BITS = {"Int32": 31, "Int64": 63}
NO_NUMBER = (bool, str, bytes)
Writer = Callable[[Any], Any]


def writer(dtype: Dtype) -> Writer:
    """The function that turns what a row function returned into the declared dtype; raises ValueError, never cuts."""
    convert = _WRITERS[dtype.family](dtype)

    def write(value: Any) -> Any:
        return None if is_null(value) else convert(value)

    return write


def _write_integer(dtype: Dtype) -> Writer:
    limit = 2 ** BITS[dtype.name]

    def write(value: Any) -> int:
        if isinstance(value, NO_NUMBER) or value != math.floor(value):
            raise ValueError(f"{value!r} is not an integer")
        if not -limit <= value < limit:
            raise ValueError(f"{value!r} does not fit {dtype}")
        return int(value)

    return write


def _write_float(dtype: Dtype) -> Writer:
    def write(value: Any) -> float:
        if isinstance(value, NO_NUMBER):
            raise ValueError(f"{value!r} is not a number")
        number = float(value)
        if dtype.name != "Float32":
            return number
        rounded = single(number)
        if math.isinf(rounded) and not math.isinf(number):
            raise ValueError(f"{value!r} does not fit Float32")
        return rounded

    return write


def _write_bool(dtype: Dtype) -> Writer:
    def write(value: Any) -> bool:
        if type(value).__name__ not in ("bool", "bool_"):
            raise ValueError(f"{value!r} is neither True nor False")
        return bool(value)

    return write


def _write_text(dtype: Dtype) -> Writer:
    def write(value: Any) -> str:
        if not isinstance(value, str) and dtype.name == "String":
            raise ValueError(f"{value!r} is not a text")
        return str(value)

    return write


def _write_bytes(dtype: Dtype) -> Writer:
    def write(value: Any) -> bytes:
        if not isinstance(value, bytes | bytearray | memoryview):
            raise ValueError(f"{value!r} is not bytes")
        return bytes(value)

    return write


def _write_timestamp(dtype: Dtype) -> Writer:
    return whole_seconds


def _write_decimal(dtype: Dtype) -> Writer:
    return lambda value: Decimal(str(value))


def _write_json(dtype: Dtype) -> Writer:
    return lambda value: value if isinstance(value, str) else json.dumps(plain(value), sort_keys=True)


def _write_map(dtype: Dtype) -> Writer:
    def write(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError(f"{value!r} is not a dict")
        return value

    return write


def _write_struct(dtype: Dtype) -> Writer:
    writers = {name: writer(field) for name, field in dtype.fields}

    def write(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or set(value) - set(writers):
            raise ValueError(f"{value!r} is not a dict with the fields {', '.join(writers)}")
        return {name: convert(value.get(name)) for name, convert in writers.items()}

    return write


def _write_array(dtype: Dtype) -> Writer:
    assert dtype.element is not None
    convert, absent = writer(dtype.element), ABSENT.get(dtype.element.family)

    def write(value: Any) -> list[Any]:
        if isinstance(value, str | bytes | dict) or not isinstance(value, Iterable):
            raise ValueError(f"{value!r} is not a list")
        return [absent if is_null(each) else convert(each) for each in plain(value)]

    return write


def _write_set(dtype: Dtype) -> Writer:
    convert = _write_array(dtype)
    return lambda value: sorted(set(convert(value)))


_WRITERS: dict[Family, Callable[[Dtype], Writer]] = {
    Family.INTEGER: _write_integer,
    Family.FLOAT: _write_float,
    Family.BOOL: _write_bool,
    Family.TEXT: _write_text,
    Family.BYTES: _write_bytes,
    Family.TIMESTAMP: _write_timestamp,
    Family.DECIMAL: _write_decimal,
    Family.JSON: _write_json,
    Family.MAP: _write_map,
    Family.STRUCT: _write_struct,
    Family.ARRAY: _write_array,
    Family.SET: _write_set,
}
