"""Leakage: what training knows of an instant and nobody could at that instant, and how much delay takes it away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyarrow as pa

from skewguard import sql
from skewguard.model import SourceSpec, ViewSpec
from skewguard.reading import Opened, open_source
from skewguard.reading.numbered import numbered_rows
from skewguard.replay.times import as_slice, created_us

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Leakage:
    """Of one view, whose source says when rows were created.

    `leaks` has for each delay, the shortest first, how many entity rows leak, by position of the feature: their value
    as training reads it that much before the instant stems from a row created after the instant, and is not what the
    rows created by then give. Delay 0 comes first. `longest` is the longest time from an event to its row's creation
    among the rows that training can use: with that delay nothing leaks at any instant, with less something can.
    """

    rows: int
    leaks: Mapping[timedelta, tuple[int, ...]]
    longest: timedelta


def measure_leakage(connection: sql.Connection, view: ViewSpec, truth: SourceSpec, rows: pa.Table) -> Leakage | None:
    """The leakage of `rows` (row_id, join keys, as_of), from the slice that `truth` reads; None without created times.

    From SQL alone: what either store returned plays no part.
    """
    path = Path(truth.path)
    opened = open_source(connection, as_slice(truth, path), folder=path.parent)
    if opened.spec.created_column not in opened.names:
        return None
    _bind_events(connection, opened, view)
    _bind_rows(connection, opened, view, rows)
    ttl = None if view.ttl is None else min(view.ttl // MICROSECOND, 2**61)
    with opened.reading():
        for name in ("leak_entities", "leak_rows", "leak_events", "leak_reads"):
            sql.keep(connection, name, sql.run(connection, __package__, name))
        lags = sql.run(connection, __package__, "lags").fetchall()[0][0] or []
        delays = pa.table({"delay_us": pa.array(sorted({0, *lags}), pa.int64())})
        sql.keep(connection, "leak_delays", connection.from_arrow(delays))
        found = sql.run(connection, __package__, "leaks", ttl_us=ttl).fetchall()
    leaks = {delay * MICROSECOND: tuple(counts) for delay, *counts in found}
    return Leakage(rows=rows.num_rows, leaks=leaks, longest=max(lags, default=0) * MICROSECOND)


def _bind_events(connection: sql.Connection, opened: Opened, view: ViewSpec) -> None:
    """`leak_source`, narrow, to find the rows that are read; `leak_values`, wide, read for those alone."""
    spec = opened.spec
    numbered, position = numbered_rows(connection, opened)
    keyed = sql.constant(True).alias("k")  # so that the natural join has a column without join keys too
    keys = opened.keys([spec.column_of(key.column) for key in view.join_keys])
    event = opened.microseconds(spec.timestamp_column, "event timestamp").alias("event_us")
    created = created_us(opened).alias("created_us")
    sql.bind(connection, "leak_source", numbered.select(position, keyed, *keys, event, created))
    values = [
        opened.column(spec.column_of(feature.name), f"column behind the feature {feature.ref!r}").alias(f"v{at}")
        for at, feature in enumerate(view.features)
    ]
    sql.bind(connection, "leak_values", numbered.select(position, *values))


def _bind_rows(connection: sql.Connection, opened: Opened, view: ViewSpec, rows: pa.Table) -> None:
    names = [f"k{at}" for at in range(len(view.join_keys))]
    columns = [opened.spec.column_of(key.column) for key in view.join_keys]
    table = rows.select(["row_id", "as_of", *(key.held for key in view.join_keys)])
    asked = connection.from_arrow(table.rename_columns(["row_id", "as_of", *names]))
    as_of = sql.function("epoch_us", sql.column("as_of")).alias("as_of_us")
    keyed = sql.constant(True).alias("k")
    sql.keep(connection, "leak_asked", asked.select(sql.column("row_id"), as_of, keyed, *opened.asked(asked, columns)))
