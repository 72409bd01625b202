"""Entity rows from a file of the user's: read, checked against what each view needs, and drawn from."""

from __future__ import annotations

import glob
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv

from skewguard import sql
from skewguard.errors.selection import (
    EntityColumnsMissing,
    EntityFileEmpty,
    EntityFileUnreadable,
    EntityNulls,
)
from skewguard.model import RequestField, held
from skewguard.sample.convert import convert
from skewguard.sample.draw import Draw, check_size, draw
from skewguard.sample.types import arrow_type

TIME = "event_timestamp"
UTC_TIME = pa.timestamp("us", "UTC")
SEPARATORS = (b",", b";", b"\t", b"|")  # the first where the header has none of them
LONGEST_HEADER = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Entities:
    """An entity file as read. All columns of a CSV are text until a view says what they hold: 007 stays 007."""

    path: Path
    table: pa.Table

    @property
    def timed(self) -> bool:
        """Whether the file says for which instant each row is asked."""
        return TIME in self.table.column_names

    def times(self) -> list[datetime]:
        """The instant of each row that the file gives, in UTC."""
        column = convert(self.table[TIME], UTC_TIME, path=str(self.path), view="", name=TIME)
        _refuse_nulls(self, "", TIME, column)
        times: list[datetime] = column.to_pylist()
        return times

    def instants(self) -> list[datetime]:
        """The distinct instants that the file asks about, sorted; none where it has no such column."""
        return sorted(set(self.times())) if self.timed else []


def read_entities(connection: sql.Connection, path: Path) -> Entities:
    """The file, Parquet or CSV by its first bytes, as a table."""
    try:
        with path.open("rb") as opened:
            start = opened.readline(LONGEST_HEADER)
        if not start:
            raise EntityFileUnreadable(str(path), "it is empty")
        if start.startswith(b"PAR1"):
            pattern = glob.escape(str(path))
            table = connection.read_parquet(pattern, hive_partitioning=False).to_arrow_table()
        else:
            table = _read_csv(path, start)
    except OSError as error:
        raise EntityFileUnreadable(str(path), error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise EntityFileUnreadable(str(path), "it is neither Parquet nor text in UTF-8") from error
    except (sql.Error, pa.ArrowException) as error:
        raise EntityFileUnreadable(str(path), str(error)) from error
    repeated = next((name for name, count in Counter(table.column_names).items() if count > 1), None)
    if repeated is not None:
        raise EntityFileUnreadable(str(path), f"several of its columns are named {repeated!r}")
    if not table.num_rows:
        raise EntityFileEmpty(str(path))
    return Entities(path=path, table=table)


def _read_csv(path: Path, header: bytes) -> pa.Table:
    """All columns as text, nothing guessed but the separator: a guess may take apart what somebody else wrote."""
    separator = max(SEPARATORS, key=header.count)
    names = csv.open_csv(path, parse_options=csv.ParseOptions(delimiter=separator.decode())).schema.names
    return csv.read_csv(
        path,
        parse_options=csv.ParseOptions(delimiter=separator.decode(), newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True,
            quoted_strings_can_be_null=False, null_values=[""],
        ),
    )  # fmt: skip


def draw_entities(
    connection: sql.Connection,
    entities: Entities,
    *,
    view: str,
    keys: Mapping[str, pa.DataType],
    request: Sequence[RequestField] = (),
    rows: int | None,
    seed: int,
) -> Draw:
    """The distinct entity rows of the file for one view, all (`rows` None) or some, drawn by the same hash.

    `keys` has the Arrow type that the source holds each key in. Request data that the file lacks is left out here.
    The columns are the keys, the request data found, and `as_of` where the file gives times.
    """
    check_size(rows)
    missing = [name for name in keys if name not in entities.table.column_names]
    if missing:
        raise EntityColumnsMissing(str(entities.path), view, missing, entities.table.column_names)
    found = [field for field in request if field.name in entities.table.column_names]
    types = {**keys, **{field.name: arrow_type(field.dtype) for field in found}}
    if entities.timed:
        types.pop(TIME, None)
    columns = {
        held(name): convert(entities.table[name], dtype, path=str(entities.path), view=view, name=name)
        for name, dtype in types.items()
    }
    for name in keys:
        _refuse_nulls(entities, view, name, columns[held(name)])
    if entities.timed:
        columns["as_of"] = pa.chunked_array([pa.array(entities.times(), UTC_TIME)])
    if not columns:
        return Draw(rows=pa.table({"any": [True]}).select([]), population=1)
    return _distinct_rows(
        connection, entities, pa.table(columns), hashed=sorted(map(held, types)), rows=rows, seed=seed
    )


def _distinct_rows(
    connection: sql.Connection,
    entities: Entities,
    table: pa.Table,
    *,
    hashed: Sequence[str],
    rows: int | None,
    seed: int,
) -> Draw:
    names = table.column_names
    positional = table.rename_columns([f"k{at}" for at in range(len(names))])
    sql.keep(connection, "entity_keys", connection.from_arrow(positional).distinct())
    distinct = connection.table("entity_keys")
    order = [f"k{names.index(name)}" for name in (*hashed, *(["as_of"] if "as_of" in names else []))]
    drawn = draw(connection, distinct, hashed=order, rows=rows, seed=seed).rename_columns(names)
    repeated = table.num_rows - len(distinct)
    notes = (
        (f"{repeated:,} of {table.num_rows:,} rows of {entities.path.name} are duplicates; each was asked once",)
        if repeated
        else ()
    )
    return Draw(rows=drawn, population=len(distinct), notes=notes)


def _refuse_nulls(entities: Entities, view: str, name: str, column: pa.ChunkedArray) -> None:
    missing = column.null_count
    if pa.types.is_floating(column.type):
        missing = pc.sum(pc.is_null(column, nan_is_null=True)).as_py() or 0
    if missing:
        raise EntityNulls(str(entities.path), view, name, missing, len(column))
