"""Tells whether an online store keeps event times in another time zone: no cause may be named for that alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

import pyarrow as pa
import pyarrow.compute as pc

from skewguard import sql
from skewguard.causes.case import StoredCase
from skewguard.causes.stored_events import INSTANT, bind_events_of
from skewguard.equality.macros import define_macros
from skewguard.model import Side

SECOND = 1_000_000
QUARTER = 900 * SECOND
HOUR = 3600 * SECOND
REACH = 14 * HOUR  # the farthest zone from UTC; a day would be what daily snapshots are apart
ENOUGH = 3  # rows, each with keys of its own
AGREEING = 0.95  # of the rows that tell a shift; the others may hold a push
Offsets = list[tuple[int, int, int]]  # microseconds, rows that tell them, times of events among these


@dataclass(frozen=True, kw_only=True)
class Clock:
    """What the online row's times are worth, where they are not plainly the source's.

    `online`: with corrected times and the column `shifted` (seconds), where one shift is `told` by enough rows;
    `doubtful`: skewed rows whose time may be shifted by what cannot be known.
    """

    online: Side
    shift: int | None = None  # seconds that online is ahead
    told: int = 0
    doubtful: frozenset[int] = frozenset()


def read_clock(connection: sql.Connection, case: StoredCase) -> Clock | None:
    """None where some row with equal values has the very time of its event: then the store's times are right.

    A shift is one and the same multiple of 15 minutes between the times of rows whose values are equal, of which the
    source has no event with these values at the time that online tells: else online may simply be behind. Only rows
    tell it whose event a window covered, and only where nothing else gives one distance to all rows: see `_believable`.
    """
    rows = _rows(case)
    on_time = pc.and_kleene(rows["same"], pc.equal(rows["online_us"], rows["source_us"]))
    worth_asking = pc.or_(rows["matches"], rows["skewed"])
    if case.source is None or pc.any(on_time).as_py() or not pc.any(worth_asking).as_py():
        return None
    rows = rows.filter(worth_asking)
    sql.keep(connection, "clock_rows", connection.from_arrow(rows))
    values = bind_events_of(connection, case, rows["row_id"].combine_chunks())
    sql.keep(connection, "clock_events", sql.run(connection, __package__, "clock_events", reach_us=REACH))
    sql.keep(connection, "clock_alike", _alike(connection, case, values))
    offsets = sql.run(connection, __package__, "clock_offsets").fetchall()
    return _shifted(connection, case, offsets) or Clock(online=case.online, doubtful=_doubtful(connection))


def _rows(case: StoredCase) -> pa.Table:
    """Rows with a time online: whether a served value is the same, and in a window; whether one is skewed; times."""
    online, row_ids = case.online.table, case.rows["row_id"]
    columns = {"row_id": row_ids, "as_of_us": _us(case.rows["as_of"]), "online_us": _us(online["event_timestamp"])}
    source = pa.nulls(len(row_ids), pa.int64()) if case.source is None else _us(case.source.table["event_timestamp"])
    columns["source_us"] = pc.multiply(_floor(source, SECOND), SECOND)
    columns["online_us"] = pc.multiply(_floor(columns["online_us"], SECOND), SECOND)
    found = list(_matching(case))
    columns |= {f"m{position}": matching for position, matching in found}
    columns["same"] = reduce(pc.or_, (each for _, each in found), pa.array([False] * len(row_ids)))
    columns["matches"] = pc.and_(columns["same"], _covered(case, columns["source_us"]))
    skewed = case.cells.filter(case.cells["skewed"])["row_id"].combine_chunks()
    columns["skewed"] = pc.is_in(row_ids, skewed)
    table = pa.table(columns)
    return table.filter(table["online_us"].is_valid())


def _covered(case: StoredCase, moments: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whether a window covered the source's event; no row of another can have been materialized."""
    covered = pa.chunked_array([pa.array([False] * len(moments))])
    for start, end in case.windows:
        first, last = (pa.scalar(each, INSTANT).cast(pa.int64()) for each in (start, end))
        inside = pc.and_(pc.greater_equal(moments, pc.subtract(first, SECOND)), pc.less_equal(moments, last))
        covered = pc.or_(covered, pc.fill_null(inside, False))
    return covered


def _floor(column: pa.ChunkedArray, unit: int) -> pa.ChunkedArray:
    return pc.floor(pc.divide(column.cast(pa.float64()), float(unit))).cast(pa.int64())


def _us(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(INSTANT).cast(pa.int64())


def _matching(case: StoredCase) -> Iterator[tuple[int, pa.ChunkedArray]]:
    """By position of a feature, the rows in which it is served and equal."""
    for position in range(len(case.view.features)):
        unlike = case.cells.filter(pc.equal(case.cells["position"], position))["row_id"].combine_chunks()
        there = case.online.table.column_names
        if position not in case.online.absent and f"v{position}" in there:
            served = case.online.table[f"v{position}"].is_valid()
            yield position, pc.and_(served, pc.invert(pc.is_in(case.rows["row_id"], unlike)))


def _alike(connection: sql.Connection, case: StoredCase, values: sql.Relation) -> sql.Relation:
    """Rows of which an event at the very time that online tells has the same values as the source's own event."""
    define_macros(connection)
    events = connection.table("clock_events")
    at_online = events.filter(sql.column("offset_us") == sql.constant(0)).join(values, "place")
    at_source = events.filter(sql.column("at_source")).join(values, "place")
    positions = [position for position, _ in _matching(case)]
    pairs = at_online.set_alias("told").join(
        at_source.select("row_id", *(sql.column(f"v{at}").alias(f"s{at}") for at in positions)), "row_id"
    )
    joined = pairs.join(connection.table("clock_rows").select("row_id", *(f"m{at}" for at in positions)), "row_id")
    differing = (
        sql.column(f"m{at}") & sql.function("values_differ", sql.column(f"v{at}"), sql.column(f"s{at}"))
        for at in positions
    )
    return joined.filter(~reduce(or_, differing)).select("row_id")


def _shifted(connection: sql.Connection, case: StoredCase, offsets: Offsets) -> Clock | None:
    """The clock with corrected times; None where no shift is told by enough rows, or too many tell another."""
    if not offsets or not _believable(case, *offsets[0]):
        return None
    main = offsets[0][0]
    near = [main, *(each for each, _, _ in offsets[1:] if abs(each - main) <= HOUR)]
    _bind_candidates(connection, [(each, rank) for rank, each in enumerate(near)])
    found = sql.run(connection, __package__, "clock_shifts").to_arrow_table()
    telling = found.filter(found["telling"])
    if pc.mean(telling["found"].cast(pa.float64())).as_py() < AGREEING:
        return None
    sql.keep(connection, "clock_shifted", connection.from_arrow(found))
    doubtful = sql.run(connection, __package__, "clock_doubtful", reach_us=HOUR).fetchall()
    return Clock(
        online=_corrected(case.online, found),
        shift=main // SECOND,
        told=sum(rows for each, rows, _ in offsets if each in near),
        doubtful=frozenset(row_id for (row_id,) in doubtful),
    )


def _believable(case: StoredCase, offset: int, rows: int, times: int) -> bool:
    """Whether only another time zone gives so many rows one distance.

    Snapshots of a whole table are all one distance apart. Online is behind one that came after the last run, so rows
    behind are believed where the source has not been written since; a push of them all is ahead, so rows ahead of a
    view that takes pushes are believed where their events have different times.
    """
    if rows < ENOUGH:
        return False
    if offset > 0:
        return not case.view.pushed or times >= ENOUGH
    modified, applied = case.facts.source_modified_at, case.facts.applied_at
    return modified is not None and applied is not None and modified <= applied


def _bind_candidates(connection: sql.Connection, ranked: list[tuple[int, int]]) -> None:
    offsets, ranks = zip(*ranked, strict=True)
    table = pa.table({"offset_us": pa.array(offsets, pa.int64()), "rank": pa.array(ranks, pa.int64())})
    sql.keep(connection, "clock_candidates", connection.from_arrow(table))


def _doubtful(connection: sql.Connection) -> frozenset[int]:
    """Skewed rows whose time may be shifted, where too little matches to know by how much."""
    _bind_candidates(connection, [(0, 0)])
    sql.keep(connection, "clock_shifted", sql.run(connection, __package__, "clock_shifts"))
    found = sql.run(connection, __package__, "clock_doubtful", reach_us=REACH).fetchall()
    return frozenset(row_id for (row_id,) in found)


def _corrected(online: Side, found: pa.Table) -> Side:
    places = pc.index_in(online.table["row_id"], found["row_id"].combine_chunks())
    shift = pc.fill_null(found["shift_us"].take(places), 0)
    table, moments = online.table, _us(online.table["event_timestamp"])
    column = table.column_names.index("event_timestamp")
    table = table.set_column(column, "event_timestamp", pc.subtract(moments, shift).cast(INSTANT))
    return replace(online, table=table.append_column("shifted", pc.divide(shift, SECOND)))
