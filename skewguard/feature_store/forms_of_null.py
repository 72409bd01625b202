"""Finds where a null decides the form of a column: in its own rows, and in those whose integers it made float."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from skewguard.feature_store.calling import Given

Mask = np.ndarray[Any, Any]


def null_masks(table: pa.Table) -> dict[str, Mask]:
    """By column, in which rows it is null or NaN."""
    masks = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        nulls = pc.is_null(column, nan_is_null=pa.types.is_floating(column.type))
        masks[name] = nulls.combine_chunks().to_numpy(zero_copy_only=False)
    return masks


def float_columns(given: Given, table: pa.Table) -> frozenset[str]:
    """The columns that a transform sees as floats in a batch, made `given` from `table`."""
    if isinstance(given, pd.DataFrame):
        return frozenset(str(name) for name, dtype in given.dtypes.items() if dtype.kind == "f")
    return frozenset(field.name for field in table.schema if pa.types.is_floating(field.type))


def has_integers(given: Given, name: str) -> bool:
    """Whether a request gives whole numbers in a column."""
    match given:
        case pd.DataFrame():
            return given[name].dtype.kind in "iu"
        case dict():
            known = [each for each in given[name] if each is not None]
            return bool(known) and all(isinstance(each, int) and not isinstance(each, bool) for each in known)
    return bool(pa.types.is_integer(given[name].type))
