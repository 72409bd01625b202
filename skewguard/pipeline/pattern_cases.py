"""Gathers what patterns are looked for in: a view's sides, and the source values of other views for the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from skewguard.model import Kind, Side
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.comparing import rules_of
from skewguard.pipeline.readings import Reader, Reading

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.causes.patterns import OtherFeature, PatternCase

_COMPARABLE = (Kind.MISMATCH, Kind.MISSING_ONLINE, Kind.MISSING_OFFLINE)


def pattern_case(
    bench: Bench, reader: Reader, readings: Sequence[Reading], reading: Reading, cells: pa.Table
) -> PatternCase:
    """The case of the cells of one view that nothing explains. A request that raised shares no pattern with values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from skewguard.causes.patterns import PatternCase

    both_answered = pc.is_in(cells["kind"], pa.array([str(kind) for kind in _COMPARABLE]))
    return PatternCase(
        view=reading.view,
        rules=tuple(rules_of(bench, reader, reading)),
        rows=reading.rows,
        source=reading.source,
        offline=reading.offline,
        online=reading.online,
        cells=cells.filter(both_answered).select(["row_id", "position"]),
        others=dict(_others(readings, reading)),
    )


def _others(readings: Sequence[Reading], reading: Reading) -> Iterator[tuple[str, OtherFeature]]:
    from skewguard.causes.patterns import OtherFeature

    for other in readings:
        if other.view.name != reading.view.name and other.source is not None:
            source = _for_rows(other.source, _as_keyed(other, reading), reading.rows)
            if source is not None:
                for position, feature in enumerate(other.view.features):
                    yield feature.ref, OtherFeature(source=source, position=position)


def _as_keyed(other: Reading, reading: Reading) -> pa.Table:
    """The rows of another view, their keys named as in `reading`, which may be under an alias with a join-key map."""
    own = {key.column: key.held for key in reading.view.join_keys}
    names = {key.held: own.get(key.column, key.held) for key in other.view.join_keys}
    renamed = [names.get(name, name) for name in other.rows.column_names]
    return other.rows if len(set(renamed)) < len(renamed) else other.rows.rename_columns(renamed)


def _for_rows(source: Side, own: pa.Table, rows: pa.Table) -> Side | None:
    """The source side of another view by the ids of `rows`; None where the two have no rows in common.

    Rows with request data have ids of their own: they are found by the join keys of the other view.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pc.any(pc.is_in(rows["row_id"], own["row_id"].combine_chunks())).as_py():
        return source
    keys = [name for name in own.column_names if name != "row_id"]
    if not set(keys) <= set(rows.column_names):
        return None
    places = {key: place for place, key in enumerate(_tuples(own, keys))}
    found = [places.get(key) for key in _tuples(rows, keys)]
    pairs = [
        (row_id, place) for row_id, place in zip(rows["row_id"].to_pylist(), found, strict=True) if place is not None
    ]
    if not pairs:
        return None
    taken = source.table.drop_columns(["row_id"]).take([place for _, place in pairs])
    return replace(source, table=taken.append_column("row_id", pa.array([row_id for row_id, _ in pairs], pa.int64())))


def _tuples(rows: pa.Table, names: Sequence[str]) -> Iterator[tuple[object, ...]]:
    return zip(*(_hashable(rows[name]) for name in names), strict=True)


def _hashable(column: pa.ChunkedArray) -> list[object]:
    """The values of a column; request data may be lists, maps and structs, which are told apart by how they print."""
    import pyarrow as pa

    values: list[object] = column.to_pylist()
    return [repr(value) for value in values] if pa.types.is_nested(column.type) else values
