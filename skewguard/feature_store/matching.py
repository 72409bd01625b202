"""Pairs a store's answers with the entity rows that asked for them, by the values of their keys.

Stores change the order of rows, the types of keys (int64 to int32 or double, date to timestamp, µs to ns) and the
number of rows; none of that may move a value to another entity.
"""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from skewguard.feature_store.canonical import canonical_json

MICROSECONDS = pa.timestamp("us")


def chunked(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """The column as one array."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def comparable(column: pa.ChunkedArray | pa.Array) -> list[Hashable]:
    """The values of a column so that two columns of one meaning, in whatever types, give equal Python values."""
    arrow_type = column.type
    if pa.types.is_timestamp(arrow_type) or pa.types.is_date(arrow_type):
        moments: list[Hashable] = pc.cast(_naive(column), MICROSECONDS, safe=False).cast(pa.int64()).to_pylist()
        return moments
    if pa.types.is_integer(arrow_type) or pa.types.is_string(arrow_type):
        plain_values: list[Hashable] = column.to_pylist()
        return plain_values
    return [_comparable(value) for value in column.to_pylist()]


def _naive(column: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        return column.cast(pa.timestamp(column.type.unit))
    return column


def _comparable(value: Any) -> Hashable:
    match value:
        case bool() | str() | bytes() | None:
            return value
        case float() if value != value:
            return None
        case float() | Decimal() if value == value // 1:
            return int(value)
        case datetime.datetime():
            aware = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
            return (aware - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)) // datetime.timedelta(microseconds=1)
        case UUID():
            return str(value)
        case list() | tuple() | dict() | set():
            return canonical_json(value)
        case _:
            return value if isinstance(value, Hashable) else canonical_json(value)


def keys_of(table: pa.Table, columns: Sequence[str]) -> list[tuple[Hashable, ...]]:
    """One comparable tuple for each row of the table."""
    if not columns:
        return [()] * table.num_rows
    # By position: an on-demand output may have the name of a key, and then stands behind it.
    positions = [table.column_names.index(name) for name in columns]
    return list(zip(*(comparable(table.column(position)) for position in positions), strict=True))


def occurrences(keys: Iterable[Hashable]) -> np.ndarray[Any, Any]:
    """How many earlier rows have the same key, for each row."""
    seen: dict[Hashable, int] = {}
    counts = []
    for key in keys:
        counts.append(seen.get(key, 0))
        seen[key] = counts[-1] + 1
    return np.array(counts, dtype=np.int64)


@dataclass(frozen=True, kw_only=True)
class Pairing:
    """For each asked row the position of its answer, -1 where there is none; and how many answers were one too many."""

    positions: np.ndarray[Any, Any]
    repeated: int
    strangers: int


def pair(asked: Sequence[Hashable], answered: Sequence[Hashable]) -> Pairing:
    """Pairs by key, the first answer first; rows with equal keys take answers with that key in turn."""
    waiting: dict[Hashable, list[int]] = {}
    for position, key in enumerate(asked):
        waiting.setdefault(key, []).append(position)
    taken: dict[Hashable, int] = {}
    positions = np.full(len(asked), -1, dtype=np.int64)
    repeated = strangers = 0
    for position, key in enumerate(answered):
        rows = waiting.get(key)
        turn = taken.get(key, 0)
        if rows is None:
            strangers += 1
        elif turn == len(rows):
            repeated += 1
        else:
            positions[rows[turn]] = position
            taken[key] = turn + 1
    return Pairing(positions=positions, repeated=repeated, strangers=strangers)
