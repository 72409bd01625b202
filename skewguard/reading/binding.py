"""Binds a slice and the entity rows asked of it under the names that the SQL of a stage reads."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from skewguard import sql
from skewguard.model import SourceSpec, ViewSpec
from skewguard.reading.numbered import numbered_rows
from skewguard.reading.opened import Opened


def as_slice(source: SourceSpec, path: Path) -> SourceSpec:
    """The Parquet file at `path`, in the columns of `source`."""
    return SourceSpec(
        name=source.name,
        path=str(path),
        file_format="parquet",
        timestamp_column=source.timestamp_column,
        created_column=source.created_column,
        field_mapping=source.field_mapping,
    )


def created_us(opened: Opened) -> sql.Expression:
    """When a row was created, in microseconds since 1970; null where the source does not say."""
    name = opened.spec.created_column
    if not name or name not in opened.names:  # a view's own transform may have dropped it
        return sql.constant(None).cast("BIGINT")
    return opened.microseconds(name, "created timestamp")


def bind_events(connection: sql.Connection, opened: Opened, view: ViewSpec, *, narrow: str, wide: str) -> None:
    """`narrow` has keys and times, to find the rows that are read; `wide` the values, read for those alone."""
    spec = opened.spec
    numbered, position = numbered_rows(connection, opened)
    keyed = sql.constant(True).alias("k")  # so that the natural join has a column without join keys too
    keys = opened.keys([spec.column_of(key.column) for key in view.join_keys])
    event = opened.microseconds(spec.timestamp_column, "event timestamp").alias("event_us")
    created = created_us(opened).alias("created_us")
    sql.bind(connection, narrow, numbered.select(position, keyed, *keys, event, created))
    values = [
        opened.column(spec.column_of(feature.name), f"column behind the feature {feature.ref!r}").alias(f"v{at}")
        for at, feature in enumerate(view.features)
    ]
    sql.bind(connection, wide, numbered.select(position, *values))


def bind_rows(connection: sql.Connection, opened: Opened, view: ViewSpec, rows: pa.Table, *, name: str) -> None:
    """The entity rows (row_id, join keys, as_of), their keys in the types of the slice and their instants counted."""
    names = [f"k{at}" for at in range(len(view.join_keys))]
    columns = [opened.spec.column_of(key.column) for key in view.join_keys]
    table = rows.select(["row_id", "as_of", *(key.held for key in view.join_keys)])
    asked = connection.from_arrow(table.rename_columns(["row_id", "as_of", *names]))
    as_of = sql.function("epoch_us", sql.column("as_of")).alias("as_of_us")
    keyed = sql.constant(True).alias("k")
    sql.keep(connection, name, asked.select(sql.column("row_id"), as_of, keyed, *opened.asked(asked, columns)))
