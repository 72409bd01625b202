"""Events as the Arrow table that their source holds and as the pandas frame that a function is given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from skewguard import dtypes
from skewguard.proofs.batch_code import BatchCall, EventTable
from skewguard.proofs.calls import Row
from skewguard.proofs.typed import arrow_type

if TYPE_CHECKING:
    import pandas as pd


def event_rows(table: EventTable, rows: Sequence[Row]) -> pa.Table:
    """The events as the source stores them; where that is not known, under their declared dtypes."""
    stored = _kinds(table.schema)
    columns = {}
    for column in table.columns:
        kind = stored.get(column.name, arrow_type(dtypes.parse(column.dtype), zoned=column.zoned))
        columns[column.name] = pa.array([_stored(row.get(column.name), kind) for row in rows], kind)
    return pa.table(columns)


@cache
def _kinds(serialized: bytes) -> dict[str, pa.DataType]:
    """The Arrow type of each column of a source; none where it is not known."""
    if not serialized:
        return {}
    return {field.name: field.type for field in pa.ipc.read_schema(pa.py_buffer(serialized))}


def _has_fields(kind: pa.DataType) -> bool:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _has_fields(kind.value_type)
    return bool(pa.types.is_struct(kind) or pa.types.is_map(kind))


def holds(table: EventTable, name: str, value: Any) -> bool:
    """Whether the source's own type of a column has room for a value: a map has none for a text, a byte for 1000."""
    kind = _kinds(table.schema).get(name)
    if kind is None:
        return True
    if _has_fields(kind):  # Arrow takes a text for a struct without values
        return False
    try:
        pa.array([_stored(value, kind)], kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return False
    return True


def _stored(value: Any, kind: pa.DataType) -> Any:
    if isinstance(value, datetime):
        if pa.types.is_date(kind):
            return value.date()
        return value if getattr(kind, "tz", None) else value.replace(tzinfo=None)
    return value


def batch_frame(table: EventTable, events: pa.Table, call: BatchCall, *, in_time_order: bool) -> pd.DataFrame:
    """As build/compute.py makes it: in the order of time, created time and values; typed as the whole source is."""
    frame = (_ordered(table, events) if in_time_order else events).to_pandas(use_threads=False).copy()
    whole = call.typed_with if call.typed_with is not None else call.tables
    for name in events.column_names:
        if frame[name].dtype.kind in "iub" and any(row.get(name) is None for row in whole[table.name]):
            frame[name] = frame[name].astype("object" if frame[name].dtype.kind == "b" else "float64")
    if table.name in call.index:
        frame.index = list(call.index[table.name])
    return frame


def _ordered(table: EventTable, events: pa.Table) -> pa.Table:
    times = [name for name in (table.timestamp, table.created) if name]
    rest = [name for name in events.column_names if name not in times and _sortable(events[name].type)]
    return events.sort_by([(name, "ascending") for name in [*times, *rest]]) if times or rest else events


def _sortable(kind: pa.DataType) -> bool:
    return not (pa.types.is_nested(kind) or pa.types.is_dictionary(kind) or pa.types.is_null(kind))


def changed_frame(name: str, before: pd.DataFrame, after: pd.DataFrame) -> str | None:
    """How a frame is not what it was; None where it is."""
    if list(before.columns) != list(after.columns):
        return f"the columns of {name} were {list(before.columns)} and are {list(after.columns)}"
    if not before.index.equals(after.index):
        return f"the rows of {name} are others, or in another order"
    for column in before.columns:
        if before[column].dtype != after[column].dtype or not before[column].equals(after[column]):
            return f"the column {column} of {name} was changed"
    return None
