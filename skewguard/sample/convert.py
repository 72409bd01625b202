"""Columns of an entity file into the types that a view needs: exactly, or not at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from skewguard.errors.selection import EntityTypeWrong


def convert(column: pa.ChunkedArray, wanted: pa.DataType, *, path: str, view: str, name: str) -> pa.ChunkedArray:
    """`column` as `wanted`, no value rounded, cut or guessed; the first value that cannot be is named in the error."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if column.type == wanted:
        return column
    try:
        return _converted(column, wanted)
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        example = _first_wrong(column, wanted)
        raise EntityTypeWrong(path, view, name, repr(str(example)), str(wanted)) from None


def _converted(column: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    written = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    if pa.types.is_timestamp(wanted):
        if not written and not pa.types.is_temporal(column.type):
            raise TypeError
        return _times(column, wanted, written=written)
    if pa.types.is_nested(wanted):
        values = [json.loads(value) if written and value is not None else value for value in column.to_pylist()]
        return pa.chunked_array([pa.array([_pairs(value, wanted) for value in values], wanted)])
    if any(pa.types.is_boolean(a) and _is_number(b) for a, b in ((column.type, wanted), (wanted, column.type))):
        raise TypeError  # Arrow would make 1 of true, and true of 7
    return column.cast(wanted, safe=True)


def _is_number(dtype: pa.DataType) -> bool:
    return bool(pa.types.is_integer(dtype) or pa.types.is_floating(dtype) or pa.types.is_decimal(dtype))


def _times(column: pa.ChunkedArray, wanted: pa.DataType, *, written: bool) -> pa.ChunkedArray:
    """Times, read as ISO-8601 where they are text, in UTC where they name no zone."""
    if written:
        parsed = [None if text is None else datetime.fromisoformat(text.strip()) for text in column.to_pylist()]
        zoned = [each if each is None or each.tzinfo else each.replace(tzinfo=UTC) for each in parsed]
        column = pa.chunked_array([pa.array(zoned, pa.timestamp("us", "UTC"))])
    # Nanoseconds are cut: nothing here compares times more finely than microseconds.
    return column.cast(pa.timestamp("us"), safe=False).cast(wanted, safe=True)


def _pairs(value: Any, wanted: pa.DataType) -> Any:
    return list(value.items()) if isinstance(value, dict) and pa.types.is_map(wanted) else value


def _first_wrong(column: pa.ChunkedArray, wanted: pa.DataType) -> Any:
    """The first value that does not convert, found by halving."""
    while len(column) > 1:
        half = len(column) // 2
        try:
            _converted(column.slice(0, half), wanted)
            column = column.slice(half)
        except (pa.ArrowException, ValueError, TypeError, OverflowError):
            column = column.slice(0, half)
    return column[0].as_py()
