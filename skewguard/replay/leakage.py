"""Leakage: what training knows of an instant and nobody could at that instant, and how much delay takes it away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyarrow as pa

from skewguard import sql
from skewguard.model import SourceSpec, ViewSpec
from skewguard.reading import open_source
from skewguard.reading.binding import as_slice, bind_events, bind_rows

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
    bind_events(connection, opened, view, narrow="leak_source", wide="leak_values")
    bind_rows(connection, opened, view, rows, name="leak_asked")
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
