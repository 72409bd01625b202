"""Rows of a repo's own sources for its on-demand transforms: what really arrives, a few of each source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from skewguard import dtypes, sql
from skewguard.dtypes import Family
from skewguard.errors import SkewguardError
from skewguard.model import ViewSpec
from skewguard.proofs.subject import OnDemandSubject
from skewguard.proofs.typed import arrow_type
from skewguard.proofs.values import usual
from skewguard.reading import open_source

MOST = 60
NESTED = (Family.MAP, Family.STRUCT, Family.SET, Family.JSON, Family.DECIMAL)


@dataclass(frozen=True, kw_only=True)
class _Columns:
    """Values of some inputs, out of one source, row by row; and which of its times have no zone."""

    values: Mapping[str, Sequence[Any]]
    naive: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where the rows are: the views of a repo by name, its folder, and what reads them."""

    views: Mapping[str, ViewSpec]
    folder: Path
    connection: sql.Connection


def with_real_rows(
    subject: OnDemandSubject, view: ViewSpec, sources: Sources, *, seed: int
) -> tuple[OnDemandSubject, list[dict[str, Any]]]:
    """The subject as its sources type it, and rows: the i-th row of each source side by side, request data usual."""
    found: dict[str, Sequence[Any]] = {}
    naive: set[str] = set()
    for name in view.inputs:
        columns = _of_view(subject, sources.views[name], sources, seed) if name in sources.views else None
        if columns is not None:
            found |= dict(columns.values)
            naive |= columns.naive
    inputs = tuple(replace(each, zoned=each.name not in naive) for each in subject.inputs)
    subject = replace(subject, inputs=inputs)
    size = max((len(values) for values in found.values()), default=0)
    rows = []
    for at in range(size):
        row = {}
        for column in inputs:
            values = found.get(column.name) or usual(column)
            row[column.name] = values[at % len(values)]
        rows.append(row)
    return subject, rows


def _of_view(subject: OnDemandSubject, view: ViewSpec, sources: Sources, seed: int) -> _Columns | None:
    """None where the source cannot be read here: a table that is not built, a warehouse."""
    if view.source is None:
        return None
    wanted = {each.name: each for each in subject.inputs if not each.request}
    columns = {
        name: view.source.column_of(each.name)
        for each in view.features
        for name in (each.name, f"{view.base_name}__{each.name}")  # long where several views have one of that name
        if name in wanted
    }
    try:
        opened = open_source(sources.connection, view.source, folder=sources.folder)
        there = {name: opened.names[column] for name, column in columns.items() if column in opened.names}
        if not there:
            return None
        picked = opened.relation.select(*(sql.column(duck).alias(name) for name, duck in there.items()))
        order = sql.function("hash", *(sql.column(name) for name in there), sql.constant(seed))
        table = picked.sort(order).limit(MOST).to_arrow_table()
        naive = {name for name, column in columns.items() if _is_naive(opened.schema, column)}
    except (SkewguardError, sql.Error):
        return None
    values = {name: _canonical(table[name], wanted[name].dtype) for name in table.column_names}
    kept = {name: each for name, each in values.items() if each}
    return _Columns(values=kept, naive=frozenset(naive))


def _is_naive(schema: Any, column: str) -> bool:
    kind = schema.field(column).type if column in schema.names else None
    return str(kind).startswith("timestamp") and "tz=" not in str(kind)


def _canonical(column: Any, dtype: str) -> list[Any] | None:
    """As the laws hold values; None for what this does not convert."""
    parsed = dtypes.parse(dtype)
    if parsed.family in NESTED:
        return None
    try:
        values = column.cast(arrow_type(parsed)).to_pylist()
    except Exception:  # a source that is not of the declared dtype: generated rows alone, then
        return None
    if parsed.family is Family.TIMESTAMP:
        return [None if each is None else _whole(each) for each in values]
    return list(values)


def _whole(moment: datetime) -> datetime:
    """Whole seconds in UTC: finer parts are lost online whatever a transform does."""
    return moment.astimezone(UTC).replace(microsecond=0)
