"""Computes the source side of a view: the point-in-time truth, with the event that each value came from."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from skewguard import sql
from skewguard.model import Side, SourceSpec, ViewSpec
from skewguard.reading import open_source
from skewguard.reading.binding import as_slice, bind_events, bind_rows

MICROSECOND = timedelta(microseconds=1)


def compute_source(connection: sql.Connection, view: ViewSpec, slice_path: Path, rows: pa.Table) -> Side:
    """The source value of every feature of `view` for `rows`, from its slice; as of each row's own `as_of`.

    Besides the columns of every Side: `created_timestamp`; `ties`, how many source rows share the newest event and
    created time (1 as a rule, 0 without a row); `k0`, ..., false where such rows disagree on the value, as then there
    is no one truth; and `expired_event_timestamp`, the newest event where only the TTL hides it.
    """
    source = _source(view)
    opened = open_source(connection, as_slice(source, slice_path), folder=slice_path.parent)
    bind_events(connection, opened, view, narrow="events", wide="stored")
    bind_rows(connection, opened, view, rows, name="asked")
    ttl = None if view.ttl is None else min(view.ttl // MICROSECOND, 2**61)
    with opened.reading():
        table = sql.run(connection, __package__, "point_in_time", ttl_us=ttl).to_arrow_table()
    return Side(table=table, notes=_notes(view, table))


def _source(view: ViewSpec) -> SourceSpec:
    if view.source is None:
        raise ValueError(f"view {view.name!r} has no source to compute from")
    return view.source


def _notes(view: ViewSpec, table: pa.Table) -> tuple[str, ...]:
    notes = []
    for at, feature in enumerate(view.features):
        unknown = len(table) - (pc.sum(table[f"k{at}"]).as_py() or 0)
        if unknown:
            notes.append(
                f"{feature.ref}: {unknown:,} rows have no one source value: source rows of the same event time and "
                "created time hold different values"
            )
    return tuple(notes)
