"""The rows of a slice by when they became known, written anew as of each instant of a replay."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from skewguard import sql
from skewguard.errors.source import SliceNotWritten
from skewguard.model import SourceSpec
from skewguard.reading import open_source
from skewguard.reading.binding import as_slice, created_us
from skewguard.replay.times import microseconds


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """All rows of one slice; `event_us` and `known_us` say of each when it happened and when it was known."""

    rows: pa.Table
    event_us: pa.ChunkedArray
    known_us: pa.ChunkedArray

    def write(self, instant: datetime, out: Path) -> None:
        """Make `out` what the source was at `instant`: the rows that had happened and were created by then.

        In one move, so that no reader meets half a file, or another's cache of it.
        """
        known = pc.fill_null(pc.less_equal(self.known_us, microseconds(instant)), False)
        beside = out.with_suffix(".next")
        try:
            pq.write_table(self.rows.filter(known), beside, use_dictionary=False)
            beside.replace(out)
        except OSError as error:
            raise SliceNotWritten(str(out.parent), os.strerror(error.errno) if error.errno else str(error)) from error

    def any_between(self, start: datetime, end: datetime) -> bool:
        """Whether a window, both ends included, has a row that was known by its end."""
        known = pc.less_equal(self.known_us, microseconds(end))
        return bool(pc.any(pc.and_(known, pc.greater_equal(self.event_us, microseconds(start)))).as_py())


def read_arrivals(connection: sql.Connection, source: SourceSpec, slice_path: Path) -> Arrivals:
    """The slice at `slice_path`, which reads as `source` does."""
    rows = pq.read_table(slice_path)
    opened = open_source(connection, as_slice(source, slice_path), folder=slice_path.parent)
    event = opened.microseconds(opened.spec.timestamp_column, "event timestamp").alias("event_us")
    with opened.reading():
        sql.bind(connection, "slice_events", opened.relation.select(event, created_us(opened).alias("created_us")))
        times = sql.run(connection, __package__, "arrivals").to_arrow_table()
    return Arrivals(rows=rows, event_us=times["event_us"], known_us=times["known_us"])
