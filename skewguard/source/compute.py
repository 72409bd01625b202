"""Computes the source side of a view: the point-in-time truth, with the event that each value came from."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from skewguard import sql
from skewguard.model import Side, SourceSpec, ViewSpec
from skewguard.reading import Opened, open_source
from skewguard.reading.numbered import numbered_rows

MICROSECOND = timedelta(microseconds=1)


def compute_source(connection: sql.Connection, view: ViewSpec, slice_path: Path, rows: pa.Table) -> Side:
    """The source value of every feature of `view` for `rows`, from its slice; as of each row's own `as_of`.

    Besides the columns of every Side: `created_timestamp`; `ties`, how many source rows share the newest event and
    created time (1 as a rule, 0 without a row); `k0`, ..., false where such rows disagree on the value, as then there
    is no one truth; and `expired_event_timestamp`, the newest event where only the TTL hides it.
    """
    source = _source(view)
    opened = open_source(connection, _as_slice(source, slice_path), folder=slice_path.parent)
    _bind_events(connection, opened, view)
    _bind_rows(connection, opened, view, rows)
    ttl = None if view.ttl is None else min(view.ttl // MICROSECOND, 2**61)
    with opened.reading():
        table = sql.run(connection, __package__, "point_in_time", ttl_us=ttl).to_arrow_table()
    return Side(table=table, notes=_notes(view, table))


def _source(view: ViewSpec) -> SourceSpec:
    if view.source is None:
        raise ValueError(f"view {view.name!r} has no source to compute from")
    return view.source


def _as_slice(source: SourceSpec, slice_path: Path) -> SourceSpec:
    return SourceSpec(
        name=source.name,
        path=str(slice_path),
        file_format="parquet",
        timestamp_column=source.timestamp_column,
        created_column=source.created_column,
        field_mapping=source.field_mapping,
    )


def _bind_events(connection: sql.Connection, opened: Opened, view: ViewSpec) -> None:
    """`events`, narrow, to find the winning rows; `stored`, wide, read for the winners alone."""
    spec = opened.spec
    numbered, position = numbered_rows(connection, opened)
    keys = opened.keys([spec.column_of(key.column) for key in view.join_keys])
    created = (
        opened.microseconds(spec.created_column, "created timestamp")
        if spec.created_column
        else sql.constant(None).cast("BIGINT")
    )
    event = opened.microseconds(spec.timestamp_column, "event timestamp")
    keyed = sql.constant(True).alias("k")  # so that the natural join has a column without join keys too
    sql.bind(
        connection,
        "events",
        numbered.select(position, keyed, *keys, event.alias("event_us"), created.alias("created_us")),
    )
    values = [
        opened.column(spec.column_of(feature.name), f"column behind the feature {feature.ref!r}").alias(f"v{at}")
        for at, feature in enumerate(view.features)
    ]
    sql.bind(connection, "stored", numbered.select(position, *values))


def _bind_rows(connection: sql.Connection, opened: Opened, view: ViewSpec, rows: pa.Table) -> None:
    names = [f"k{at}" for at in range(len(view.join_keys))]
    columns = [opened.spec.column_of(key.column) for key in view.join_keys]
    table = rows.select(["row_id", "as_of", *(key.held for key in view.join_keys)])
    asked = connection.from_arrow(table.rename_columns(["row_id", "as_of", *names]))
    as_of = sql.function("epoch_us", sql.column("as_of")).alias("as_of_us")
    keyed = sql.constant(True).alias("k")
    sql.keep(connection, "asked", asked.select(sql.column("row_id"), as_of, keyed, *opened.asked(asked, columns)))


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
