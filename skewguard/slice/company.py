"""Finds whom to materialize beside a sample whose bytes are all empty, which Feast would store as null.

A batch of nothing but empty bytes and nulls is null to Feast (`type_map.py`, `_convert_scalar_values_to_proto`). What
is empty in a sample is stored as it is among others, so that one of those others has to be in the batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from skewguard import sql
from skewguard.model import ViewSpec
from skewguard.reading import Opened, open_source
from skewguard.reading.binding import as_slice, created_us

EMPTIED = ("Bytes", "ImageBytes", "PdfBytes")


def company(
    connection: sql.Connection, opened: Opened, view: ViewSpec, out: Path, instants: Iterable[datetime]
) -> pa.Table | None:
    """Keys, under the names of requests, of entities that hold bytes at the instants at which the slice has none.

    None where nobody is needed or found: what is empty everywhere is null to Feast whatever is sampled.
    """
    columns = [opened.spec.column_of(each.name) for each in view.features if each.dtype in EMPTIED]
    columns = [name for name in dict.fromkeys(columns) if opened.type_of(name) == "BLOB"]
    if not columns or not view.join_keys:
        return None
    cut = open_source(connection, as_slice(opened.spec, out), folder=out.parent)
    moments, found = sorted(set(instants)), []
    for name in columns:
        if len(cut.relation.filter(_length(cut, name) == sql.constant(0)).limit(1)):
            kept = set(_holders(connection, cut, view, name, moments)["instant"].to_pylist())
            lacking = [each for each in moments if opened.instant(each) not in kept]
            found += [_holders(connection, opened, view, name, lacking)] if lacking else []
    keys = [each.drop_columns(["instant"]).rename_columns([key.held for key in view.join_keys]) for each in found]
    return pa.concat_tables(keys) if any(each.num_rows for each in keys) else None


def _holders(
    connection: sql.Connection, opened: Opened, view: ViewSpec, name: str, instants: Sequence[datetime]
) -> pa.Table:
    """`instant` and the keys k0, k1, ... of who holds something in the column `name` by then."""
    spec = opened.spec
    keys = opened.keys([spec.column_of(key.column) for key in view.join_keys])
    entity = sql.function("row", *keys).alias("entity")
    present = sql.constant(True)
    for key in view.join_keys:
        present = present & opened.present(spec.column_of(key.column))
    event_time = opened.time(spec.timestamp_column, "event timestamp").alias("event_time")
    filled = (_length(opened, name) > sql.constant(0)).alias("filled")
    selected = opened.relation.select(
        *keys, entity, event_time, created_us(opened).alias("created_us"), present.alias("keyed"), filled
    )
    sql.bind(connection, "source_events", selected)
    asked = pa.table({"instant": [opened.instant(each) for each in instants]})
    sql.keep(connection, "instants", connection.from_arrow(asked))
    with opened.reading():
        return sql.run(connection, __package__, "company").to_arrow_table()


def _length(opened: Opened, name: str) -> sql.Expression:
    return sql.function("octet_length", opened.column(name, "column behind a feature"))
