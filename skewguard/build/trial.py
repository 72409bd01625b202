"""Calls a batch transform on given events as a build does, and answers in plain values: what the laws ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from skewguard import sql
from skewguard.build.compute import answered
from skewguard.definition import BatchTransform, Form
from skewguard.errors import SkewguardError
from skewguard.errors.definition import OutputError
from skewguard.model import FeatureSpec
from skewguard.proofs.batch_code import BatchCall, BatchCode, EventTable, Tables
from skewguard.proofs.batch_frames import batch_frame, changed_frame, event_rows
from skewguard.proofs.calls import Answer, raised


def batch_code(
    transform: BatchTransform,
    tables: Sequence[EventTable],
    connection: sql.Connection | None,
    *,
    name: str | None = None,
    real: Tables | None = None,
    guessed: bool = False,
) -> BatchCode:
    """What the laws know of a decorated transform over `tables`; relations that it takes are of `connection`."""
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
    transform: BatchTransform, event_tables: Sequence[EventTable], call: BatchCall, connection: sql.Connection | None
) -> Answer:
    """What `transform` gives for the events of `call`; relations are of `connection`. Nothing that it does is raised.

    `columns` are the rows as the built table holds them, and so are the `converted` features.
    """
    tables = [event_rows(table, call.tables[table.name]) for table in event_tables]
    given: list[Any]
    if transform.form is Form.DUCKDB:
        assert connection is not None
        given = [connection.from_arrow(table) for table in tables]
    else:
        given = [
            batch_frame(each, rows, call, in_time_order=True) for each, rows in zip(event_tables, tables, strict=True)
        ]
    before = [frame.copy() for frame in given] if transform.form is Form.PANDAS else []
    try:
        rows = answered(transform, given)
    except OutputError as problem:
        return Answer(unconverted=str(problem), touched=_touched(event_tables, before, given))
    except SkewguardError as problem:
        return Answer(raised=raised(problem.__cause__ or problem), touched=_touched(event_tables, before, given))
    columns = {name: tuple(rows[name].to_pylist()) for name in rows.column_names}
    return Answer(
        columns=columns,
        size=rows.num_rows,
        converted={feature.name: columns[feature.name] for feature in transform.features},
        touched=_touched(event_tables, before, given),
    )


def _touched(tables: Sequence[EventTable], before: Sequence[Any], after: Sequence[Any]) -> str | None:
    """Which frame is not what it was, and how; relations have nothing to compare."""
    changes = (changed_frame(table.name, *pair) for table, *pair in zip(tables, before, after, strict=False))
    return next((each for each in changes if each is not None), None)
