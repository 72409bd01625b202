"""Frames between Feast and a pandas function: one stated pandas type per declared dtype, whatever path brings them.

| declared | a pandas function is given | null is |
|---|---|---|
| Int32, Int64, Float32, Float64 | float64 | NaN |
| Bool | boolean | NA |
| UnixTimestamp, ZonedTimestamp | datetime64[us, UTC], whole seconds, as Feast's online store keeps them | NaT |
| all others | object, holding the values that values.py states | None |

Integers come as float64 because a pandas integer column cannot hold a null, and a type must not change when one
comes; they are exact up to 2^53, and row mode has them exact beyond. Rows are numbered 0, 1, ...; the frame is the
function's own to change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from skewguard.definition.answers import writer
from skewguard.definition.values import is_null, reader
from skewguard.dtypes import Dtype, Family

MICROSECONDS = "datetime64[us, UTC]"
TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}  # in a second
FIRST_UNSAFE = 2.0**63


def arriving(column: pd.Series, dtype: Dtype) -> Any:
    """A column as a pandas function is given it; raises ValueError for a value that is not of the dtype."""
    match dtype.family:
        case Family.INTEGER | Family.FLOAT:
            return _numbers(column, dtype)
        case Family.BOOL if column.dtype.kind == "b":
            return column.array.astype("boolean")
        case Family.BOOL:
            return pd.array(read_all(column, dtype), dtype="boolean")
        case Family.TIMESTAMP:
            return _moments(column, dtype)
        case _:
            return objects(read_all(column, dtype))


def read_all(values: Iterable[Any], dtype: Dtype) -> list[Any]:
    """Every value as a row function is given it."""
    read = reader(dtype)
    return [read(value) for value in values]


def objects(values: Sequence[Any]) -> Any:
    """A one-dimensional array of Python objects, also when each is a list."""
    column = np.empty(len(values), dtype=object)
    for at, value in enumerate(values):
        column[at] = value
    return column


def _numbers(column: pd.Series, dtype: Dtype) -> Any:
    if column.dtype == object or not pd.api.types.is_numeric_dtype(column.dtype):
        numbers = np.array([np.nan if each is None else each for each in read_all(column, dtype)], dtype="float64")
    else:
        numbers = column.to_numpy(dtype="float64", na_value=np.nan, copy=True)
    if dtype.family is Family.INTEGER:
        return np.trunc(numbers)
    if dtype.name == "Float32":
        with np.errstate(over="ignore"):
            return numbers.astype("float32").astype("float64")
    return numbers


def _moments(column: pd.Series, dtype: Dtype) -> Any:
    """Cut toward 1970, as Feast does. By whole numbers: pandas' own way takes milliseconds, for every request."""
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        return pd.Series(read_all(column, dtype), dtype=MICROSECONDS).array
    unit = getattr(column.dtype, "unit", None) or np.datetime_data(column.dtype)[0]
    ticks = column.to_numpy(dtype=f"datetime64[{unit}]")  # in UTC, whatever the zone
    numbers = ticks.view("int64")
    seconds = np.sign(numbers) * (np.abs(numbers) // TICKS[unit])
    whole = np.where(np.isnat(ticks), numbers, seconds * TICKS["us"])
    return pd.array(whole.view("datetime64[us]"), dtype=MICROSECONDS)


def leaving(column: pd.Series, dtype: Dtype) -> Any:
    """A returned column at the declared dtype; raises ValueError for a value that would have to be cut."""
    match dtype.family:
        case Family.INTEGER:
            return _integers(column, dtype)
        case Family.FLOAT:
            return _floats(column, dtype)
        case Family.BOOL if column.dtype.kind == "b":
            return column.array.astype("boolean")
        case Family.BOOL:
            return pd.array(write_all(column, dtype), dtype="boolean")
        case Family.TEXT:
            return pd.array(write_all(column, dtype), dtype="string")
        case Family.TIMESTAMP:
            return _moments(column, dtype)
        case _:
            return objects(write_all(column, dtype))


def write_all(values: Iterable[Any], dtype: Dtype) -> list[Any]:
    """Every returned value at the declared dtype."""
    write = writer(dtype)
    return [write(value) for value in values]


def _integers(column: pd.Series, dtype: Dtype) -> Any:
    values = column.array
    if column.dtype.kind == "f" and isinstance(column.dtype, np.dtype):
        present = values[~np.isnan(values)]
        if len(present) and (np.any(present != np.floor(present)) or np.any(np.abs(present) >= FIRST_UNSAFE)):
            write_all(present.to_numpy().tolist(), dtype)  # raises, naming the value
    elif column.dtype == object:
        values = write_all(column, dtype)
    whole = pd.array(values, dtype="Int64")
    if dtype.name == "Int32":
        write_all((each for each in whole if not is_null(each) and abs(each) >= 2**31), dtype)
    return whole.astype(dtype.name)


def _floats(column: pd.Series, dtype: Dtype) -> Any:
    if column.dtype == object or not pd.api.types.is_numeric_dtype(column.dtype):
        numbers = np.array([np.nan if each is None else each for each in write_all(column, dtype)], dtype="float64")
    else:
        numbers = column.to_numpy(dtype="float64", na_value=np.nan)
    if dtype.name != "Float32":
        return numbers
    with np.errstate(over="ignore"):
        rounded = numbers.astype("float32")
    lost = np.isinf(rounded) & np.isfinite(numbers)
    if lost.any():
        raise ValueError(f"{float(numbers[lost][0])!r} does not fit Float32")
    return rounded
