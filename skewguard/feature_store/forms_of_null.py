"""Finds the columns whose form a null decides: those of a row in which it is null, and integers that one made float."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from skewguard.feature_store.calling import Given


def null_columns(rows: Given, columns: Iterable[str]) -> list[str]:
    """The columns that have a null in these rows."""
    return [name for name in columns if _has_null(rows, name)]


def widened_columns(batch: Given, rows: Given, served: Given, columns: Iterable[str]) -> list[str]:
    """The columns in which a request has whole numbers, and these rows floats: some row of their batch is null."""
    return [
        name for name in columns if _all_of(rows, name, float) and _all_of(served, name, int) and _has_null(batch, name)
    ]


def _has_null(given: Given, name: str) -> bool:
    match given:
        case pd.DataFrame():
            return bool(given[name].isna().any())
        case dict():
            return any(_is_null(each) for each in given[name])
    return bool(pc.any(pc.is_null(given[name], nan_is_null=pa.types.is_floating(given[name].type))).as_py())


def _all_of(given: Given, name: str, kind: type) -> bool:
    match given:
        case pd.DataFrame():
            return given[name].dtype.kind in ("f" if kind is float else "iu")
        case dict():
            values: Sequence[Any] = [each for each in given[name] if not _is_null(each)]
            return bool(values) and all(isinstance(each, kind) and not isinstance(each, bool) for each in values)
    is_kind = pa.types.is_floating if kind is float else pa.types.is_integer
    return bool(is_kind(given[name].type))


def _is_null(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)
