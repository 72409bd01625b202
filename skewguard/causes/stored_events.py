"""Binds what is known of the rows that have a skewed cell: their keys, their events in the slice, the windows."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from skewguard import sql
from skewguard.causes.case import StoredCase
from skewguard.model import Side
from skewguard.reading import Opened, open_source
from skewguard.reading.binding import as_slice, created_us
from skewguard.reading.numbered import numbered_rows

MICROSECOND = timedelta(microseconds=1)
MOST_PAIRS = 4_000_000
INSTANT = pa.timestamp("us", "UTC")
SERVED = pa.schema({"row_id": pa.int64(), "source_us": pa.int64(), "created_us": pa.int64()})
MOMENTS = {
    "source_us": "event_timestamp", "created_us": "created_timestamp", "expired_us": "expired_event_timestamp"
}  # fmt: skip


def bind_rows(connection: sql.Connection, case: StoredCase, row_ids: pa.Array) -> None:
    """Make `cause_rows` (what is known of each row), `cause_windows` and `cause_view` (one row) readable."""
    sql.keep(connection, "cause_windows", connection.from_arrow(_windows(case)))
    sql.keep(connection, "cause_view", connection.from_arrow(_view(case)))
    sql.keep(connection, "cause_sides", connection.from_arrow(_sides(case, row_ids)))
    sql.keep(connection, "cause_served", connection.from_arrow(_served(case)))
    connection.execute(sql.text(__package__, "stored_moment"))
    sql.keep(connection, "cause_rows", sql.run(connection, __package__, "stored_rows"))


def bind_events(connection: sql.Connection, case: StoredCase) -> None:
    """Make `cause_related` (the events of each row that bear on it) and `cause_stored` (their values) readable."""
    known = connection.table("cause_rows").select("row_id").to_arrow_table()["row_id"].combine_chunks()
    values = bind_events_of(connection, case, known, related=True)
    sql.bind(connection, "cause_stored", values)


def bind_events_of(
    connection: sql.Connection, case: StoredCase, row_ids: pa.Array, *, related: bool = False
) -> sql.Relation:
    """Make `cause_asked` and `cause_events` (of the keys of these rows) readable; returns the events' values by place.

    `related` asks for `cause_related` as well.
    """
    opened = open_source(connection, as_slice(case.truth, Path(case.truth.path)), folder=case.slice_path.parent)
    spec = opened.spec
    numbered, position = numbered_rows(connection, opened)
    place = position.alias("place")
    keys = opened.keys([spec.column_of(key.column) for key in case.view.join_keys])
    event = opened.microseconds(spec.timestamp_column, "event timestamp").alias("event_us")
    created = created_us(opened).alias("made_us")
    keyed = sql.constant(True).alias("k")  # so that the natural join has a column without join keys too
    with opened.reading():
        sql.bind(connection, "cause_events", numbered.select(place, keyed, *keys, event, created))
        bind_asked(connection, opened, case, row_ids)
        if related:
            _bind_related(connection, case)
    values = [_value(opened, spec.column_of(each.name)).alias(f"v{at}") for at, each in enumerate(case.view.features)]
    return numbered.select(place, *values)


def _bind_related(connection: sql.Connection, case: StoredCase) -> None:
    sql.keep(connection, "cause_related", sql.run(connection, __package__, "stored_related"))
    joined_by = case.facts.joined_by
    if joined_by is None:
        return
    names = [f"k{at}" for at, key in enumerate(case.view.join_keys) if key.column in joined_by]
    keys = sql.function("row", *map(sql.column, names)).alias("keys")
    for name, kept in {"asked": ["row_id"], "events": ["place", "event_us", "made_us"]}.items():
        sql.bind(
            connection, f"cause_partly_{name}", connection.table(f"cause_{name}").select(keys, *map(sql.column, kept))
        )
    sql.run(connection, __package__, "stored_mispaired", most=MOST_PAIRS).insert_into("cause_related")


def _value(opened: Opened, name: str) -> sql.Expression:
    """A feature's column; null where only the view's own transform makes it, and that one raises."""
    if name not in opened.names:
        return sql.constant(None)
    return opened.column(name, f"column behind a feature, {name!r}")


def only(table: pa.Table, row_ids: pa.Array) -> pa.Table:
    """The rows of a side or of the entity rows that are asked about."""
    return table.filter(pc.is_in(table["row_id"], row_ids))


def bind_asked(connection: sql.Connection, opened: Opened, case: StoredCase, known: pa.Array) -> None:
    """`cause_asked`: the keys of the rows, in the types that the slice has for them."""
    names = [f"k{at}" for at in range(len(case.view.join_keys))]
    columns = [opened.spec.column_of(key.column) for key in case.view.join_keys]
    rows = only(case.rows, known).select(["row_id", *(key.held for key in case.view.join_keys)])
    asked = connection.from_arrow(rows.rename_columns(["row_id", *names]))
    keyed = sql.constant(True).alias("k")
    sql.keep(
        connection, "cause_asked", asked.select(sql.column("row_id"), keyed, *opened.asked(asked, columns))
    )  # fmt: skip


def _windows(case: StoredCase) -> pa.Table:
    """In the order in which they were recorded; what was inverted or empty covers nothing."""
    windows = [(at, _us(start), _us(end)) for at, (start, end) in enumerate(case.windows) if start <= end]
    columns: list[list[int]] = [list(column) for column in zip(*windows, strict=True)] or [[], [], []]
    names = ("number", "start_us", "end_us")
    return pa.table({name: pa.array(column, pa.int64()) for name, column in zip(names, columns, strict=True)})


def _view(case: StoredCase) -> pa.Table:
    facts, ttl = case.facts, case.view.ttl
    known = {
        "live": pa.scalar(case.live, pa.bool_()),
        "ttl_us": pa.scalar(None if ttl is None else min(ttl // MICROSECOND, 2**61), pa.int64()),
        "now_us": pa.scalar(_us(case.now), pa.int64()),
        "begins_us": pa.scalar(_us(case.source_begins), pa.int64()),
        "key_ttl_us": pa.scalar(None if facts.key_ttl is None else facts.key_ttl // MICROSECOND, pa.int64()),
        "rows_of_no_window": pa.scalar(_beyond_windows(case), pa.int64()),
        "since_us": pa.scalar(_us(case.since), pa.int64()),
        "recorded": pa.scalar(len(case.windows), pa.int64()),
        "holds_rows": pa.scalar(facts.holds_rows, pa.bool_()),
        "keeps_newest": pa.scalar(facts.keeps_newest, pa.bool_()),
        "applied_us": pa.scalar(_us(facts.applied_at), pa.int64()),
        "modified_us": pa.scalar(_us(facts.source_modified_at), pa.int64()),
        "pushed": pa.scalar(case.view.pushed, pa.bool_()),
        "registered": pa.scalar(case.view.fingerprint, pa.string()),
        "registered_code": pa.scalar(facts.registered_code, pa.string()),
        "joined_by": pa.scalar(None if facts.joined_by is None else list(facts.joined_by), pa.list_(pa.string())),
        "code_fingerprint": pa.scalar(facts.code_fingerprint, pa.string()),
    }
    return pa.table({name: pa.array([value.as_py()], value.type) for name, value in known.items()})


def _beyond_windows(case: StoredCase) -> int | None:
    """Online rows newer than every window, which no push wrote: a run that failed part-way records no window."""
    if case.view.pushed or not case.live:
        return None
    moments = case.online.table["event_timestamp"]
    last = max((end for start, end in case.windows if start <= end), default=None)
    beyond = moments.is_valid() if last is None else pc.greater(moments, pa.scalar(last, INSTANT))
    return int(pc.sum(pc.fill_null(beyond, False).cast(pa.int64())).as_py() or 0)


def _sides(case: StoredCase, row_ids: pa.Array) -> pa.Table:
    rows = only(case.rows, row_ids)
    source = None if case.source is None else only(case.source.table, row_ids)
    online, offline = only(case.online.table, row_ids), only(case.offline.table, row_ids)
    columns = {"row_id": rows["row_id"], "as_of_us": _column_us(rows["as_of"])}
    for name, origin in MOMENTS.items():
        there = source is not None and origin in source.column_names
        columns[name] = _column_us(source[origin]) if source is not None and there else pa.nulls(len(rows), pa.int64())
    tied = source is not None and "ties" in source.column_names
    columns["ties"] = source["ties"] if source is not None and tied else pa.nulls(len(rows), pa.int64())
    columns["online_us"] = _column_us(online["event_timestamp"])
    shifted = "shifted" in online.column_names
    columns["shifted_seconds"] = online["shifted"] if shifted else pa.nulls(len(rows), pa.int64())
    columns["online_returned"] = online["returned"]
    columns["offline_returned"] = offline["returned"]
    columns["keyed_otherwise"] = pc.is_in(rows["row_id"], pa.array(case.facts.otherwise_keyed, pa.int64()))
    return pa.table(columns)


def _served(case: StoredCase) -> pa.Table:
    """Event and creation of the rows that match in every feature, and of which online has the same event."""
    source = None if case.source is None else case.source.table
    if source is None or not {"event_timestamp", "created_timestamp"} <= {*source.column_names}:
        return SERVED.empty_table()
    differing = pc.unique(case.cells["row_id"]) if case.differing is None else case.differing
    there = pc.index_in(source["row_id"], case.online.table["row_id"].combine_chunks())
    columns = [source["row_id"], *(_column_us(source[MOMENTS[name]]) for name in ("source_us", "created_us"))]
    online_us = _column_us(case.online.table["event_timestamp"].take(there))
    same = pc.less(pc.abs(pc.subtract(columns[1], online_us)), 1_000_000)
    matching = pc.and_(pc.fill_null(same, False), pc.invert(pc.is_in(source["row_id"], differing)))
    return pa.table(columns, schema=SERVED).filter(pc.and_(matching, columns[2].is_valid()))


def known_in(side: Side | None, position: int, size: int) -> pa.Array | pa.ChunkedArray:
    """In which rows there is a source value of one feature."""
    if side is None or position in side.absent:
        return pa.array([False] * size, pa.bool_())
    answered = pc.is_null(side.table["error"])
    if f"k{position}" not in side.table.column_names:
        return answered
    return pc.and_(answered, pc.fill_null(side.table[f"k{position}"], False))


def _us(moment: datetime | None) -> int | None:
    return None if moment is None else int(pa.scalar(moment, INSTANT).value)


def _column_us(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(INSTANT).cast(pa.int64())
