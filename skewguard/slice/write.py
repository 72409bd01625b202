"""Writes a slice: the needed columns of the sampled entities' rows up to as-of, typed as the source types them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from skewguard import sql
from skewguard.errors.source import SliceNotWritten
from skewguard.model import ViewSpec
from skewguard.reading import Opened
from skewguard.slice.finer import moments, was_cut
from skewguard.slice.types import as_stored, slice_schema

BATCH_ROWS = 65_536


@dataclass(frozen=True, kw_only=True)
class SliceInfo:
    """What a slice holds. `oldest` and `newest` are its event times in UTC; None where no row has one."""

    path: Path
    rows: int
    oldest: datetime | None
    newest: datetime | None
    notes: tuple[str, ...] = ()


def write_slice(
    connection: sql.Connection,
    opened: Opened,
    view: ViewSpec,
    keys: pa.Table,
    *,
    as_of: datetime,
    out: Path,
    all_columns: bool = False,
    all_rows: bool = False,
) -> SliceInfo:
    """Read the source once and write the rows that the entities in `keys` can see at `as_of` to `out`, as Parquet.

    `keys` has the join keys under the names of requests, in the source's types; repeated and further columns do no
    harm. All rows of a key are kept, superseded and tied ones too: how wrongly Feast breaks a tie depends on them.
    `all_columns` and `all_rows` are for views with a UDF, which may read anything. Types, time zones and pandas'
    metadata are the source's; event and created times are cut to microseconds, and what would become a tie by that
    alone is left out.
    """
    needed = needed_columns(opened, view, features=not view.has_udf)
    for name in needed:
        opened.column(name, _role(opened, view, name))
    chosen, schema, notes = slice_schema(opened, needed, all_columns=all_columns)
    _bind(connection, opened, view, chosen)
    if all_rows or not view.join_keys:
        query = "whole"
    else:
        query = "slice"
        _bind_keys(connection, opened, view, keys)
    with opened.reading():
        found = sql.run(connection, __package__, query, as_of=opened.instant(as_of))
        info, cut = _write(found, schema, out, time=opened.spec.timestamp_column)
        if cut and query == "slice":  # seldom: few sources have times as fine as that
            found = sql.run(connection, __package__, "finest", as_of=opened.instant(as_of))
            info, _ = _write(found, schema, out, time=opened.spec.timestamp_column)
    return replace(info, notes=notes)


def needed_columns(opened: Opened, view: ViewSpec, *, features: bool = True) -> list[str]:
    """The source columns that the view reads, each once: keys, times, and the columns behind its features."""
    spec = opened.spec
    names = [spec.column_of(key.column) for key in view.join_keys]
    names.append(spec.timestamp_column)
    if spec.created_column:
        names.append(spec.created_column)
    if features:
        names.extend(spec.column_of(feature.name) for feature in view.features)
    return list(dict.fromkeys(names))


def _role(opened: Opened, view: ViewSpec, name: str) -> str:
    spec = opened.spec
    if name in {spec.column_of(key.column) for key in view.join_keys}:
        return f"join key of view {view.base_name!r}"
    if name == spec.timestamp_column:
        return "event timestamp"
    if name == spec.created_column:
        return "created timestamp"
    return f"column behind a feature of view {view.base_name!r}"


def _bind(connection: sql.Connection, opened: Opened, view: ViewSpec, chosen: Iterable[str]) -> None:
    spec = opened.spec
    keys = opened.keys([spec.column_of(key.column) for key in view.join_keys])
    if spec.created_column:
        opened.time(spec.created_column, "created timestamp")
    event_time = opened.time(spec.timestamp_column, "event timestamp").alias("event_time")
    columns = [opened.column(name, "column").alias(f"c{at}") for at, name in enumerate(chosen)]
    bound = (*keys, event_time, *columns, *opened.place(), *moments(opened))
    sql.bind(connection, "source_events", opened.relation.select(*bound))


def _bind_keys(connection: sql.Connection, opened: Opened, view: ViewSpec, keys: pa.Table) -> None:
    asked = keys.select([key.held for key in view.join_keys])
    positional = connection.from_arrow(asked.rename_columns([f"k{at}" for at in range(asked.num_columns)]))
    columns = [opened.spec.column_of(key.column) for key in view.join_keys]
    sql.keep(connection, "sampled_keys", positional.select(*opened.asked(positional, columns)).distinct())


def _write(found: sql.Relation, schema: pa.Schema, out: Path, *, time: str) -> tuple[SliceInfo, bool]:
    """What was written, and whether event or created times lost anything by it."""
    rows, times, cut = 0, [], False
    # Dictionaries take most of the time that writing takes, and a slice is read once or twice.
    with (
        closing(found.to_arrow_reader(BATCH_ROWS)) as reader,
        _writing(out),
        pq.ParquetWriter(out, schema, use_dictionary=False) as writer,
    ):
        for read in reader:
            cut = cut or any(was_cut(column, field.type) for column, field in zip(read.columns, schema, strict=True))
            batch = _typed(read, schema)
            writer.write_batch(batch)
            rows += batch.num_rows
            times.append(pc.min_max(batch[time].cast(pa.timestamp("us"), safe=False)).as_py())
    oldest = min((each["min"] for each in times if each["min"] is not None), default=None)
    newest = max((each["max"] for each in times if each["max"] is not None), default=None)
    return SliceInfo(path=out, rows=rows, oldest=_utc(oldest), newest=_utc(newest)), cut


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:  # DuckDB's are of another kind: this is the disk that is written to
        raise SliceNotWritten(str(out.parent), os.strerror(error.errno) if error.errno else str(error)) from error


def _typed(read: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = [as_stored(column, field.type) for column, field in zip(read.columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
