"""Puts into a history of events what breaks real code: nulls, equal and telling times, repeated events, summer time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from skewguard.proofs.batch_code import BatchCode, EventTable, Tables
from skewguard.proofs.batch_rows import keyed
from skewguard.proofs.calls import Row

# When clocks went forward, and back: in New York, and in all of Europe.
CHANGES = (
    datetime(2024, 3, 10, 7, tzinfo=UTC),
    datetime(2024, 11, 3, 6, tzinfo=UTC),
    datetime(2024, 3, 31, 1, tzinfo=UTC),
    datetime(2024, 10, 27, 1, tzinfo=UTC),
)
DAY = timedelta(days=1)


def told(code: BatchCode, history: Tables, random: Random) -> Tables:
    """The history with some of it changed, in an order of its own."""
    events = {name: list(rows) for name, rows in history.items()}
    for table in code.tables:
        rows = events[table.name]
        if rows and keyed(code, table):
            _retime(code, table, rows, random)
            _blank(code, table, rows, random)
            if random.random() < 0.1:
                rows.append(dict(random.choice(rows)))
            if random.random() < 0.7:
                random.shuffle(rows)
    if random.random() < 0.15:
        return _around_a_change(code, events, random)
    return {name: tuple(rows) for name, rows in events.items()}


def _retime(code: BatchCode, table: EventTable, rows: list[Row], random: Random) -> None:
    """Some events at the time of another, or exactly the lookback after it."""
    if not table.timestamp or len(rows) < 2:
        return
    for gap, likely in ((timedelta(0), 0.3), (code.lookback, 0.3)):
        if gap is not None and random.random() < likely:
            one, other = random.sample(range(len(rows)), 2)
            by = rows[one][table.timestamp] + gap - rows[other][table.timestamp]
            rows[other] = shifted(rows[other], by)


def _blank(code: BatchCode, table: EventTable, rows: list[Row], random: Random) -> None:
    """Nulls: in some cells, in all of a column, in all columns; where the source may hold them."""
    fixed = {*code.entity, table.timestamp, table.created}
    names = [each.name for each in table.columns if each.name not in fixed and each.contract.nullable is not False]
    if not names or random.random() < 0.3:
        return
    columns: Sequence[str] = names if random.random() < 0.15 else random.sample(names, 1)
    every = random.random() < 0.1
    for at, row in enumerate(rows):
        if every or random.random() < 0.3:
            rows[at] = {**row, **dict.fromkeys(columns)}


def _around_a_change(code: BatchCode, events: dict[str, list[Row]], random: Random) -> Tables:
    """All events moved by whole days, so that one lies on the day on which clocks change."""
    named = [(table.timestamp, events[table.name]) for table in code.tables if table.timestamp]
    times = [row[by] for by, rows in named for row in rows if row.get(by) is not None]
    if not times:
        return {name: tuple(rows) for name, rows in events.items()}
    by = (random.choice(CHANGES) - random.choice(times)) // DAY * DAY
    return {name: tuple(shifted(row, by) for row in rows) for name, rows in events.items()}


def shifted(row: Row, by: timedelta) -> dict[str, Any]:
    """An event with all its times moved by one span, that of becoming known among them."""
    return {name: value + by if isinstance(value, datetime) else value for name, value in row.items()}
