"""Calls a batch transform on given events as a build does, and answers in plain values: what the laws ask for."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from skewguard import dtypes, sql
from skewguard.build.compute import answered
from skewguard.build.typed import INSTANT, arrow_type
from skewguard.definition import BatchTransform, Form
from skewguard.errors import SkewguardError
from skewguard.errors.definition import OutputError
from skewguard.model import FeatureSpec
from skewguard.parity.batch_code import BatchCall, BatchCode, EventTable, Tables
from skewguard.parity.calls import Answer, Raised, Row

if TYPE_CHECKING:
    import pandas as pd


def batch_code(
    transform: BatchTransform,
    tables: Sequence[EventTable],
    connection: sql.Connection,
    *,
    name: str | None = None,
    real: Tables | None = None,
    guessed: bool = False,
) -> BatchCode:
    """What the laws know of a decorated transform over `tables`; all its relations are of `connection`."""
    view = name or transform.path
    return BatchCode(
        name=view,
        tables=tuple(tables),
        entity=transform.entity,
        timestamp=transform.timestamp,
        created=transform.created_column,
        lookback=transform.lookback,
        features=tuple(
            FeatureSpec(view=view, name=each.name, dtype=each.dtype, contract=each.contract)
            for each in transform.features
        ),
        call=lambda call: answer(transform, tables, call, connection),
        form=str(transform.form),
        origin=transform.path,
        real=real or {},
        guessed=guessed,
    )


def answer(
    transform: BatchTransform, event_tables: Sequence[EventTable], call: BatchCall, connection: sql.Connection
) -> Answer:
    """What `transform` gives for the events of `call`; relations are of `connection`. Nothing that it does is raised.

    `columns` are the rows as the built table holds them, and so are the `converted` features.
    """
    tables = [_events(table, call.tables[table.name]) for table in event_tables]
    given: list[Any]
    if transform.form is Form.DUCKDB:
        given = [connection.from_arrow(table) for table in tables]
    else:
        given = [_frame(each, rows, call) for each, rows in zip(event_tables, tables, strict=True)]
    before = [frame.copy() for frame in given] if transform.form is Form.PANDAS else []
    try:
        rows = answered(transform, given)
    except OutputError as problem:
        return Answer(unconverted=str(problem), touched=_touched(event_tables, before, given))
    except SkewguardError as problem:
        return Answer(raised=_raised(problem.__cause__ or problem), touched=_touched(event_tables, before, given))
    columns = {name: tuple(rows[name].to_pylist()) for name in rows.column_names}
    return Answer(
        columns=columns,
        size=rows.num_rows,
        converted={feature.name: columns[feature.name] for feature in transform.features},
        touched=_touched(event_tables, before, given),
    )


def _events(table: EventTable, rows: Sequence[Row]) -> pa.Table:
    """The events as the source stores them; where that is not known, under their declared dtypes."""
    stored = {field.name: field.type for field in _schema(table.schema)} if table.schema else {}
    columns = {}
    for column in table.columns:
        kind = stored.get(column.name, arrow_type(dtypes.parse(column.dtype)))
        if kind == INSTANT and not column.zoned:
            kind = pa.timestamp("us")
        columns[column.name] = pa.array([_stored(row.get(column.name), kind) for row in rows], kind)
    return pa.table(columns)


def _schema(serialized: bytes) -> pa.Schema:
    return pa.ipc.read_schema(pa.py_buffer(serialized))


def _stored(value: Any, kind: pa.DataType) -> Any:
    if isinstance(value, datetime):
        if pa.types.is_date(kind):
            return value.date()
        return value if getattr(kind, "tz", None) else value.replace(tzinfo=None)
    return value


def _frame(table: EventTable, events: pa.Table, call: BatchCall) -> pd.DataFrame:
    """As build/compute.py makes it: in the order of time, created time and values; typed as the whole source is."""
    frame = (_ordered(table, events) if call.in_time_order else events).to_pandas().copy()
    whole = call.typed_with if call.typed_with is not None else call.tables
    for name in events.column_names:
        if frame[name].dtype.kind in "iub" and any(row.get(name) is None for row in whole[table.name]):
            frame[name] = frame[name].astype("object" if frame[name].dtype.kind == "b" else "float64")
    if table.name in call.index:
        frame.index = list(call.index[table.name])
    return frame


def _ordered(table: EventTable, events: pa.Table) -> pa.Table:
    times = [name for name in (table.timestamp, table.created) if name]
    rest = [name for name in events.column_names if name not in times and not pa.types.is_nested(events[name].type)]
    return events.sort_by([(name, "ascending") for name in [*times, *rest]]) if times or rest else events


def _touched(tables: Sequence[EventTable], before: Sequence[pd.DataFrame], after: Sequence[Any]) -> str | None:
    """Which frame is not what it was, and how."""
    for table, was, frame in zip(tables, before, after, strict=False):
        if list(was.columns) != list(frame.columns):
            return f"the columns of {table.name} were {list(was.columns)} and are {list(frame.columns)}"
        if not was.index.equals(frame.index):
            return f"the rows of {table.name} are others, or in another order"
        for name in was.columns:
            if was[name].dtype != frame[name].dtype or not was[name].equals(frame[name]):
                return f"the column {name} of {table.name} was changed"
    return None


def _raised(problem: BaseException) -> Raised:
    frames = traceback.extract_tb(problem.__traceback__)
    own = [each for each in frames if "site-packages" not in each.filename] or list(frames)
    line = f"line {own[-1].lineno} of {own[-1].filename}" if own else ""
    return Raised(kind=type(problem).__name__, message=" ".join(str(problem).split()), line=line)
