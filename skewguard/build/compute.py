"""Runs a batch transform on its event tables: frames or relations in, one checked and typed Arrow table out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from skewguard import sql
from skewguard.build.typed import typed_rows
from skewguard.definition import BatchTransform, Form
from skewguard.errors import SkewguardError
from skewguard.errors.definition import BuildError, OutputError
from skewguard.proofs.calls import raised
from skewguard.reading import Opened

if TYPE_CHECKING:
    import pandas as pd


def compute_rows(
    transform: BatchTransform,
    opened: Mapping[str, Opened],
    *,
    since: datetime | None = None,
    keys: pa.Table | None = None,
) -> pa.Table:
    """The feature rows of `transform` over its opened event tables, typed as declared, in a fixed order.

    With `since`, the rows at or after it: only events of the lookback before it are read. With `keys` (a table of
    entity keys), only events of entities whose every key is in there, from the event tables that have all key columns.
    Events without an event time are left out: no row can say when it depended on them. Errors: BuildError, OutputError,
    SourceError.
    """
    relations = {name: _events(transform, each, since) for name, each in opened.items()}
    if keys is not None:
        relations = {name: _only(transform, each, keys) for name, each in relations.items()}
    if transform.form is Form.DUCKDB:
        typed = answered(transform, list(relations.values()))
    else:
        typed = answered(transform, [_frame(relations[name], each) for name, each in opened.items()])
    if since is not None:
        typed = typed.filter(pc.greater_equal(typed[transform.timestamp], pa.scalar(since, pa.timestamp("us", "UTC"))))
    return typed


def answered(transform: BatchTransform, tables: list[Any]) -> pa.Table:
    """The rows that the function makes of these very frames or relations, checked and typed as declared."""
    returned = call(transform, tables)
    made = _from_relation if transform.form is Form.DUCKDB else _from_frame
    return typed_rows(transform, made(transform, returned))


def call(transform: BatchTransform, tables: list[Any]) -> Any:
    """The function's answer; its own error becomes a BuildError that names its own line."""
    try:
        return transform.function(*tables)
    except SkewguardError:
        raise
    except Exception as problem:
        raise BuildError(transform.path, _said(problem), next_step="Run it on the events in a test.") from problem


def _said(problem: Exception) -> str:
    """What went wrong in the project's code, and on which line of it."""
    told = raised(problem)
    return f"it raised {told} ({told.line})."


def _events(transform: BatchTransform, opened: Opened, since: datetime | None) -> sql.Relation:
    """All columns under the names that Feast gives them, of the events that rows at or after `since` can need."""
    spec = opened.spec
    relation = opened.relation
    if spec.timestamp_column:
        relation = relation.filter(opened.column(spec.timestamp_column, "event time").isnotnull())
        if since is not None and transform.lookback is not None:
            oldest = sql.constant(opened.instant(since - transform.lookback))
            relation = relation.filter(opened.time(spec.timestamp_column, "event time") >= oldest)
    renamed = [sql.column(duck).alias(spec.field_mapping.get(name, name)) for name, duck in opened.names.items()]
    return relation.select(*renamed)


def _only(transform: BatchTransform, relation: sql.Relation, keys: pa.Table) -> sql.Relation:
    """The events of some entities. A table without the entity's keys (a calendar, say) is kept whole."""
    if not set(transform.entity) <= set(relation.columns):
        return relation
    for name in transform.entity:
        values = [sql.constant(value) for value in keys[name].unique().to_pylist()]
        relation = relation.filter(sql.column(name).isin(*values)) if values else relation.limit(0)
    return relation


def _frame(relation: sql.Relation, opened: Opened) -> pd.DataFrame:
    """Typed as pandas types the whole source: an integer column with a null anywhere in it is float everywhere.

    So the same event looks the same to a function whether it comes with few others or with all. Events come in the
    order of their event times, ties in that of their created times and then of their values: no result depends on how
    the files lie.
    """
    frame = _ordered(relation, opened).to_arrow_table().to_pandas()
    whole = [name for name, each in zip(relation.columns, relation.types, strict=True) if _holds_no_null(str(each))]
    if not whole:
        return frame
    back = {opened.spec.field_mapping.get(name, name): duck for name, duck in opened.names.items()}
    counts = [sql.function("count", sql.column(back[name])).alias(f"c{at}") for at, name in enumerate(whole)]
    ((total, *present),) = opened.relation.aggregate([sql.function("count_star").alias("total"), *counts]).fetchall()
    for name, count in zip(whole, present, strict=True):
        if count < total and frame[name].dtype.kind in "iub":
            frame[name] = frame[name].astype("object" if frame[name].dtype.kind == "b" else "float64")
    return frame


def _ordered(relation: sql.Relation, opened: Opened) -> sql.Relation:
    spec = opened.spec
    times = [opened.names[name] for name in (spec.timestamp_column, spec.created_column) if name]
    renamed = {duck: spec.field_mapping.get(name, name) for name, duck in opened.names.items()}
    first = [renamed[duck] for duck in times]
    return relation.sort(
        *(sql.column(name) for name in [*first, *(each for each in renamed.values() if each not in first)])
    )


def _holds_no_null(duck_type: str) -> bool:
    return duck_type == "BOOLEAN" or duck_type.lstrip("U") in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")


def _from_relation(transform: BatchTransform, returned: Any) -> pa.Table:
    if not hasattr(returned, "to_arrow_table"):
        raise OutputError(transform.path, f"a {type(returned).__name__} where its annotation says DuckDBPyRelation.")
    _require_columns(transform, returned.columns)
    try:
        table: pa.Table = returned.to_arrow_table()
    except sql.Error as problem:  # a relation is lazy: its SQL runs only now
        raise BuildError(transform.path, _said(problem)) from problem
    return table


def _from_frame(transform: BatchTransform, returned: Any) -> pa.Table:
    import pandas as pd

    if not isinstance(returned, pd.DataFrame):
        raise OutputError(transform.path, f"a {type(returned).__name__} where a pandas frame is needed.")
    _require_columns(transform, returned.columns)
    try:
        return pa.Table.from_pandas(returned[list(transform.columns)], preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as problem:
        raise OutputError(transform.path, f"a column of mixed types: {problem}.") from problem


def _require_columns(transform: BatchTransform, columns: Any) -> None:
    given = [str(each) for each in columns]
    if sorted(given) != sorted(transform.columns):
        missing = [name for name in transform.columns if name not in given]
        extra = [name for name in given if name not in transform.columns]
        parts = [f"without {', '.join(missing)}"] * bool(missing) + [f"with {', '.join(extra)}"] * bool(extra)
        what = f"columns {' and '.join(parts) or 'that are doubled'}; declared are {', '.join(transform.columns)}."
        raise OutputError(transform.path, what)
