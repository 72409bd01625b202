"""Lays the sides of one view beside each other, row by row, as one Arrow table that DuckDB can read."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from skewguard.equality.readable import readable
from skewguard.model import Side


def aligned(
    connection: duckdb.DuckDBPyConnection,
    *,
    rows: pa.Table,
    count: int,
    source: Side | None,
    offline: Side,
    online: Side,
) -> pa.Table:
    """Columns `s0..`, `o0..`, `n0..` (values), `k0..` (whether there is a source value), times and errors by side."""
    columns: dict[str, pa.ChunkedArray] = {"row_id": rows["row_id"]}
    for letter, side in (("s", source), ("o", offline), ("n", online)):
        _assert_aligned(rows, side, letter)
        columns.update((f"{letter}{i}", _value(connection, side, i, len(rows))) for i in range(count))
    columns.update((f"k{i}", known) for i, known in enumerate(_known(source, count, len(rows))))
    columns["source_event_timestamp"] = _named(source, "event_timestamp", len(rows), pa.timestamp("us", "UTC"))
    columns["online_event_timestamp"] = _named(online, "event_timestamp", len(rows), pa.timestamp("us", "UTC"))
    columns["offline_error"] = _named(offline, "error", len(rows), pa.string())
    columns["online_error"] = _named(online, "error", len(rows), pa.string())
    return pa.table(columns)


def _assert_aligned(rows: pa.Table, side: Side | None, letter: str) -> None:
    if side is not None and not side.table["row_id"].combine_chunks().equals(rows["row_id"].combine_chunks()):
        raise AssertionError(f"side {letter!r} has other rows than were asked for")


def _named(side: Side | None, name: str, size: int, arrow_type: pa.DataType) -> pa.ChunkedArray:
    if side is None or name not in side.table.column_names:
        return pa.nulls(size, arrow_type)
    return side.table[name].cast(arrow_type)


def _value(connection: duckdb.DuckDBPyConnection, side: Side | None, position: int, size: int) -> pa.ChunkedArray:
    name = f"v{position}"
    if side is None or position in side.absent or name not in side.table.column_names:
        return pa.nulls(size)
    return readable(connection, side.table[name])


def _known(source: Side | None, count: int, size: int) -> Iterator[pa.Array | pa.ChunkedArray]:
    """Per feature, in which rows there is a source value to compare with."""
    if source is None:
        yield from [pa.array([False] * size, pa.bool_())] * count
        return
    answered = pc.is_null(_named(source, "error", size, pa.string()))
    for position in range(count):
        known = answered
        if position in source.absent:
            known = pa.array([False] * size, pa.bool_())
        elif f"k{position}" in source.table.column_names:
            known = pc.and_(answered, pc.fill_null(source.table[f"k{position}"], False))
        yield known
