"""Rows of an Arrow table as text: aligned for people, CSV, JSON, or Parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from skewguard.errors.ledger import FormatUnfit
from skewguard.report.json import plain
from skewguard.report.plain import clipped, padded, safe, width

BATCH = 10_000  # rows turned to Python objects at a time
NARROWEST = 8  # columns of a terminal below which a value tells nothing
GAP = "  "
NULL = "NULL"
INFINITE = (2**31 - 1, 2**63 - 1)  # of dates in days, and of times in any unit
SECONDS_OF_A_DAY = 86_400
DAYS_OF_A_MONTH = 30  # as DuckDB counts when it makes seconds of an interval


def as_text(table: pa.Table, *, columns: int | None = None) -> Iterator[str]:
    """Aligned, every value whole; within `columns`, where given, values are cut, or each row becomes a block."""
    table = _with_intervals(table, _as_clocks_say, pa.string())
    names = [safe(name) for name in table.column_names]
    rows = [[_said(value) for value in row] for row in _rows(table)]
    to_right = [_is_number(each.type) for each in table.schema]
    widths = [max([width(name), *(width(row[at]) for row in rows)]) for at, name in enumerate(names)]
    if columns is not None:
        fitted = _fitted(widths, columns)
        if fitted is None:
            yield from _blocks(names, rows, columns)
            return
        widths = fitted

    def line(cells: Sequence[str]) -> str:
        shaped = zip(cells, widths, to_right, strict=True)
        return GAP.join(padded(clipped(cell, room), room, to_right=side) for cell, room, side in shaped).rstrip() + "\n"

    yield line(names)
    yield line(["─" * room for room in widths])
    for row in rows:
        yield line(row)


def as_csv(table: pa.Table) -> Iterator[str]:
    """RFC 4180 with a header, its lines as shells expect them; null is empty, empty text quoted. Intervals: seconds."""
    yield _csv_line(table.column_names)
    for row in _rows(table):
        yield _csv_line(row)


def as_json(table: pa.Table) -> Iterator[str]:
    """An array with one object per row and line; numbers that are not finite are text, intervals are seconds."""
    names = table.column_names
    nested = [_holds_json(each) for each in table.schema]
    before = "["
    for row in _rows(table):
        values = (_parsed(value) if inner else plain(value) for value, inner in zip(row, nested, strict=True))
        row_of = dict(zip(names, values, strict=True))
        yield f"{before}\n{json.dumps(row_of, ensure_ascii=False, allow_nan=False, default=float)}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def as_parquet(table: pa.Table) -> bytes:
    """The table as a Parquet file; intervals, which Parquet's readers disagree on, are seconds."""
    sink = io.BytesIO()
    try:
        pq.write_table(_with_intervals(table, float, pa.float64()), sink)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
        raise FormatUnfit("parquet", str(error)) from error
    return sink.getvalue()


def leading(table: pa.Table, columns: int) -> pa.Table:
    """As many of the first columns as fit whole into `columns`; for tables that lead with what matters most."""
    kept, room = 0, columns
    for at, name in enumerate(table.column_names):
        room -= max([width(name), *(width(_said(value)) for value in _column(table.column(at)))])
        if room < 0 and kept:
            break
        kept, room = at + 1, room - len(GAP)
    return table.select(range(kept))


# Each takes a table and gives the file's content in pieces; UTF-8 by the standards of both.
FILES: Mapping[str, Callable[[pa.Table], Iterator[bytes]]] = {
    "csv": lambda table: (line.encode() for line in as_csv(table)),
    "json": lambda table: (line.encode() for line in as_json(table)),
    "parquet": lambda table: iter([as_parquet(table)]),
}


def _rows(table: pa.Table) -> Iterator[list[Any]]:
    """The rows as lists of Python values of few types; columns by position, for names may be anything."""
    for batch in table.to_batches(max_chunksize=BATCH):
        lists = [_column(column) for column in batch.columns]
        yield from (list(row) for row in zip(*lists, strict=True))


def _column(column: pa.Array) -> list[Any]:
    try:
        return [_simple(value) for value in column.to_pylist(maps_as_pydicts="lossy")]
    except (OverflowError, TypeError, ValueError):  # one of them is nothing that Python has
        return [_alone(value) for value in column]


def _alone(value: pa.Scalar) -> Any:
    """One value, its parts apart: times beyond Python's years as text, maps of keys that it cannot hash as pairs."""
    try:
        return _simple(value.as_py(maps_as_pydicts="lossy"))
    except (OverflowError, TypeError, ValueError):
        match value:
            case pa.TimestampScalar() | pa.Date32Scalar():
                return _beyond(value)
            case pa.ListScalar() | pa.FixedSizeListScalar():
                return _column(value.values)
            case pa.StructScalar():
                return {name: _alone(value[name]) for name in value}
            case _:
                return str(value.cast(pa.string()))


def _beyond(value: Any) -> str:
    """A time after the year 9999 or before 1: DuckDB has such, and two that are infinite."""
    import numpy

    if abs(value.value) in INFINITE:
        return "infinity" if value.value > 0 else "-infinity"
    days = isinstance(value, pa.Date32Scalar)
    moment = str(numpy.datetime64(value.value, "D" if days else value.type.unit))
    return moment if days else f"{moment}+00:00"


def _as_clocks_say(seconds: float) -> str:
    try:
        return str(timedelta(seconds=seconds))
    except OverflowError:
        return f"{seconds / SECONDS_OF_A_DAY:.0f} days"


def _with_intervals(table: pa.Table, of_seconds: Callable[[float], Any], kind: pa.DataType) -> pa.Table:
    """The table with its intervals as `of_seconds` makes them, in a column of type `kind`."""
    for at, each in enumerate(table.schema):
        if pa.types.is_interval(each.type):
            values = [None if value is None else of_seconds(_simple(value)) for value in table.column(at).to_pylist()]
            table = table.set_column(at, each.with_type(kind), pa.array(values, kind))
    return table


def _simple(value: Any) -> Any:
    """A value of Python's own types; containers too. Intervals become seconds, decimals what they equal."""
    match value:
        case Decimal():
            if value.as_tuple().exponent == 0:
                return int(value)
            return float(value) if Decimal(repr(float(value))) == value else value  # which no double holds
        case pa.MonthDayNano(months=months, days=days, nanoseconds=nanoseconds):
            return (months * DAYS_OF_A_MONTH + days) * SECONDS_OF_A_DAY + nanoseconds / 1e9
        case timedelta():
            return value.total_seconds()
        case bytes():
            return "".join(chr(each) if 32 <= each < 127 and each != 92 else f"\\x{each:02X}" for each in value)
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
        case time() | date():
            return value.isoformat()
        case Mapping():
            return {str(key): _simple(each) for key, each in value.items()}
        case list() | tuple():
            return [_simple(each) for each in value]
        case _:
            return value


def _written(value: Any) -> str:
    """A simple value as one text."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case list() | dict():
            return json.dumps(plain(value), ensure_ascii=False, default=float)
        case _:
            return str(plain(value))


def _said(value: Any) -> str:
    return NULL if value is None else safe(_written(value))


def _csv_line(cells: Sequence[Any]) -> str:
    return ",".join(map(_csv_cell, cells)) + "\n"


def _csv_cell(value: Any) -> str:
    if value is None:
        return ""
    written = _written(value)
    if written == "" or written != written.strip() or any(each in written for each in ',"\r\n'):
        return '"' + written.replace('"', '""') + '"'
    return written


def _holds_json(each: pa.Field) -> bool:
    return bool((each.metadata or {}).get(b"duckdb_type") == b"JSON")


def _parsed(value: str | None) -> Any:
    """The content of a JSON column as JSON, where Python can write it again."""
    if value is None:
        return None
    try:
        return plain(json.loads(value))
    except ValueError:
        return value


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _fitted(widths: Sequence[int], columns: int) -> list[int] | None:
    """The widths, the widest ones cut until all fit into `columns`; None where they cannot."""
    room = columns - len(GAP) * (len(widths) - 1)
    fitted = list(widths)
    while sum(fitted) > room:
        widest = max(fitted)
        if widest <= NARROWEST:
            return None
        fitted[fitted.index(widest)] -= 1
    return fitted


def _blocks(names: Sequence[str], rows: Sequence[Sequence[str]], columns: int) -> Iterator[str]:
    named = min(max(map(width, names)), columns // 2)
    for number, row in enumerate(rows, start=1):
        yield f"── row {number} ".ljust(columns, "─") + "\n"
        for name, cell in zip(names, row, strict=True):
            yield f"{padded(clipped(name, named), named)}{GAP}{clipped(cell, columns - named - len(GAP))}\n"
    if not rows:
        yield GAP.join(names) + "\n"
