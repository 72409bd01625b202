"""Events of a batch transform cut by time, arrival and entity, and its answers keyed by entity and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from skewguard.proofs.batch_code import BatchCode, EventTable, Tables
from skewguard.proofs.calls import Answer, Row
from skewguard.proofs.laws.rule import NotTried

Key: TypeAlias = tuple[Any, ...]
Outputs: TypeAlias = Mapping[Key, Mapping[str, Any]]  # by time, then entity (and created time where it says one)
MICROSECOND = timedelta(microseconds=1)


def keyed(code: BatchCode, table: EventTable) -> bool:
    """Whether the events of a table belong to entities; else it is whole for each (a calendar, say)."""
    return all(table.column(key) is not None for key in code.entity)


def event_times(code: BatchCode, tables: Tables) -> list[datetime]:
    """The distinct times of the events, in order."""
    return _distinct(code, tables, lambda table: table.timestamp)


def arrivals(code: BatchCode, tables: Tables) -> list[datetime]:
    """The distinct instants at which events became known, in order."""
    return _distinct(code, tables, arrival_column)


def arrival_column(table: EventTable) -> str:
    """What says when an event became known: created time, else event time; "" for a table without times."""
    return table.created or table.timestamp


def _distinct(code: BatchCode, tables: Tables, column: Any) -> list[datetime]:
    named = [(column(table), tables[table.name]) for table in code.tables]
    return sorted({row[by] for by, rows in named if by for row in rows if row.get(by) is not None})


def happened(
    code: BatchCode, tables: Tables, *, since: datetime | None = None, until: datetime | None = None
) -> Tables:
    """The events from `since` to `until`, both inclusive; tables without event times whole."""
    return {table.name: _within(tables[table.name], table.timestamp, since, until) for table in code.tables}


def known(code: BatchCode, tables: Tables, until: datetime, *, after: datetime | None = None) -> Tables:
    """The events that became known by `until` (and after `after`); tables without times whole."""
    since = None if after is None else after + MICROSECOND
    return {table.name: _within(tables[table.name], arrival_column(table), since, until) for table in code.tables}


def _within(rows: Sequence[Row], by: str, since: datetime | None, until: datetime | None) -> Sequence[Row]:
    if not by:
        return rows

    def wanted(at: datetime | None) -> bool:
        return at is not None and (since is None or at >= since) and (until is None or at <= until)

    return tuple(row for row in rows if wanted(row.get(by)))


def entities(code: BatchCode, tables: Tables) -> list[Key]:
    """The entities that the events name, in the order in which they come."""
    found: dict[Key, None] = {}
    for table in code.tables:
        if keyed(code, table):
            keys = (tuple(row.get(key) for key in code.entity) for row in tables.get(table.name, ()))
            found |= dict.fromkeys(key for key in keys if all(part is not None for part in key))
    return list(found)


def of_entity(code: BatchCode, tables: Tables, entity: Key) -> Tables:
    """The events of one entity; tables without its keys whole."""

    def kept(table: EventTable) -> Sequence[Row]:
        rows = tables[table.name]
        if not keyed(code, table):
            return rows
        return tuple(row for row in rows if tuple(row.get(key) for key in code.entity) == entity)

    return {table.name: kept(table) for table in code.tables}


def outputs(code: BatchCode, answer: Answer) -> dict[Key, dict[str, Any]]:
    """The rows of an answer by time and entity. Raises NotTried where a build would keep none of them.

    What the transform raises, or returns wrongly, is the business of `schema_kept`; every other law looks past it.
    """
    if answer.raised is not None or answer.unconverted is not None:
        raise NotTried(str(answer.raised or answer.unconverted))
    converted = answer.converted if answer.converted is not None else {}
    keys = list(zip(*(answer.columns[name] for name in identity(code)), strict=True)) if answer.size else []
    names = [feature.name for feature in code.features]
    features = [converted.get(name, answer.columns.get(name, ())) for name in names]
    rows = {key: dict(zip(names, values, strict=True)) for key, *values in zip(keys, *features, strict=True)}
    if len(rows) < len(keys):
        raise NotTried("it returns several rows for one entity at one time, which a build refuses")
    return rows


def identity(code: BatchCode) -> tuple[str, ...]:
    """The columns that tell its rows apart, time first."""
    return (code.timestamp, *code.entity, *((code.created,) if code.created else ()))


def rows_until(rows: Outputs, until: datetime) -> Outputs:
    """The rows at or before `until`."""
    return {key: row for key, row in rows.items() if key[0] <= until}


def rows_since(rows: Outputs, since: datetime) -> Outputs:
    """The rows at or after `since`."""
    return {key: row for key, row in rows.items() if key[0] >= since}


def rows_before(rows: Outputs, until: datetime) -> Outputs:
    """The rows before `until`."""
    return {key: row for key, row in rows.items() if key[0] < until}


def tied(code: BatchCode, tables: Tables) -> bool:
    """Whether an entity has several events of one time, or that became known at one time."""
    for table in code.tables:
        if not keyed(code, table):
            continue
        for by in {table.timestamp, arrival_column(table)} - {""}:
            keys = [(row.get(by), *(row.get(key) for key in code.entity)) for row in tables[table.name]]
            if len(set(keys)) < len(keys):
                return True
    return False
