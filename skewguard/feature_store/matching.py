"""Pairs a store's answers with the entity rows that asked for them, by the values of their keys.

Stores change the order of rows, the types of keys (int64 to int32 or double, date to timestamp, µs to ns) and the
number of rows; none of that may move a value to another entity.
"""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

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
        case dict():
            return _fields(value.items())
        case list() if value and all(isinstance(each, tuple) for each in value):
            return _fields(value)  # as Arrow gives a map
        case list():
            return tuple(_comparable(each) for each in value)
        case _:
            return value if isinstance(value, Hashable) else str(value)


def _fields(pairs: Iterable[tuple[Any, Any]]) -> Hashable:
    """A store may turn maps into structs, whose rows all have all the keys."""
    return tuple(sorted((str(key), _comparable(each)) for key, each in pairs if each is not None))


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
    rows = {key: position for position, key in enumerate(asked)}
    if len(rows) == len(asked):
        found = _looked_up(rows, answered)
        strangers = int((found < 0).sum())
    else:
        found = _looked_up({key: position for position, key in enumerate(_in_turn(asked))}, _in_turn(answered))
        strangers = int((_looked_up(rows, answered) < 0).sum())
    known = np.flatnonzero(found >= 0)
    answering, first = np.unique(found[known], return_index=True)
    positions = np.full(len(asked), -1, dtype=np.int64)
    positions[answering] = known[first]
    return Pairing(positions=positions, repeated=len(answered) - strangers - len(answering), strangers=strangers)


def _in_turn(keys: Sequence[Hashable]) -> list[Hashable]:
    return list(zip(keys, occurrences(keys).tolist(), strict=True))


def _looked_up(rows: Mapping[Hashable, int], keys: Sequence[Hashable]) -> np.ndarray[Any, Any]:
    return np.array([rows.get(key, -1) for key in keys], dtype=np.int64)
