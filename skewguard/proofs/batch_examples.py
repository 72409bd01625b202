"""Event histories to try the laws of batch transforms on: spans of the source's own rows, and rows at telling times.

A history is of one or a few entities and of few events. Values are the source's own where it is known, for a made-up
one may be what no event ever holds; nulls go wherever the source's schema allows them. Telling times: equal ones, ones
exactly the lookback apart, ones around a change to summer time. How late an event becomes known is never made up where
the source has rows: a lookback is chosen by that. Tables without an entity's keys (a calendar) come without gaps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count as counted
from itertools import islice
from random import Random
from typing import Any

from skewguard.proofs import batch_values
from skewguard.proofs.batch_code import BatchCode, BatchExample, EventTable, Tables
from skewguard.proofs.batch_frames import holds
from skewguard.proofs.batch_rows import Key, entities, keyed
from skewguard.proofs.batch_tell import shifted, told
from skewguard.proofs.calls import Row

START = datetime(2024, 3, 4, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SMALL = (2, 3, 4, 6)
LARGER = (6, 8, 12, 16, 24)
MOST_CALENDAR = 200


def batch_examples_of(code: BatchCode, real: Tables, *, count: int, seed: int) -> list[BatchExample]:
    """`count` histories, the same for the same seed; a larger count keeps the smaller's."""
    return list(islice(_examples(code, real, seed), count))


def _examples(code: BatchCode, pool: Tables, seed: int) -> Iterator[BatchExample]:
    """Without end: no events, one event, then small and larger histories."""
    random = Random(seed)
    made = _Histories(code=code, pool=pool, random=random)
    yield BatchExample(tables={table.name: () for table in code.tables})
    yield _example(made.history(1, 1, real=True))
    for at in counted():
        size = random.choice(SMALL if at % 3 == 2 else LARGER)
        entities_of = (3, 2)[at] if at < 2 else random.choice((1, 2, 2, 3, 4))
        history = made.history(size, entities_of, real=at % 2 == 1)
        yield _example(told(code, history, random))


def _example(tables: Tables) -> BatchExample:
    return BatchExample(tables={name: tuple(rows) for name, rows in tables.items()})


@dataclass(frozen=True, kw_only=True)
class _Histories:
    code: BatchCode
    pool: Tables
    random: Random

    def history(self, size: int, count: int, *, real: bool = True) -> Tables:
        """Events of `count` entities, about `size` of each table that has their keys; `real` ones, if there are any."""
        chosen = self._entities(count)
        theirs = {table.name: self._rows_of(table, chosen) for table in self.code.tables if self._keyed(table)}
        found = self._span(theirs, size) if real and any(theirs.values()) else self._made(size, chosen)
        return {table.name: found.get(table.name, self._beside(table, found)) for table in self.code.tables}

    def _keyed(self, table: EventTable) -> bool:
        return keyed(self.code, table)

    def _entities(self, count: int) -> list[Key]:
        known = entities(self.code, self.pool)
        if known:
            return self.random.sample(known, min(count, len(known)))
        columns = [self._key_column(key) for key in self.code.entity]
        return [tuple(batch_values.key(column, at) for column in columns) for at in range(count)]

    def _key_column(self, name: str) -> Any:
        found = (table.column(name) for table in self.code.tables)
        return next(column for column in found if column is not None)

    def _rows_of(self, table: EventTable, chosen: Sequence[Key]) -> list[Row]:
        wanted = set(chosen)
        rows = self.pool.get(table.name, ())
        return [row for row in rows if tuple(row.get(key) for key in self.code.entity) in wanted]

    def _span(self, real: Tables, size: int) -> dict[str, tuple[Row, ...]]:
        """Real events as they follow each other, from a random one on; now and then only some of them."""
        times = sorted(self._times(real))
        if not times:
            return {name: tuple(rows[:size]) for name, rows in real.items()}
        first = times[self.random.randrange(max(1, len(times) - size))]
        lookback = self.code.lookback or DAY
        last = first + lookback * self.random.choice((1, 2, 4)) if self.random.random() < 0.6 else times[-1]
        found = {}
        for table in self.code.tables:
            if table.name not in real:
                continue
            rows = [row for row in real[table.name] if not table.timestamp or first <= row[table.timestamp] <= last]
            rows.sort(key=lambda row, by=table.timestamp: row[by] if by else START)  # type: ignore[misc]
            if self.random.random() < 0.6 and len(rows) > size:
                rows = [rows[at] for at in sorted(self.random.sample(range(len(rows)), size))]
            found[table.name] = tuple(rows[:size])
        return found

    def _times(self, rows: Tables) -> list[datetime]:
        named = [(table.timestamp, rows.get(table.name, ())) for table in self.code.tables if table.timestamp]
        return [row[by] for by, some in named for row in some if row.get(by) is not None]

    def _made(self, size: int, chosen: Sequence[Key]) -> dict[str, tuple[Row, ...]]:
        """Events at times of our own; what they tell is what a real event of their table tells."""
        times = self._grid(size)
        found = {}
        for table in self.code.tables:
            if self._keyed(table):
                count = size if self.random.random() < 0.8 else self.random.randrange(size + 1)
                rows = self.pool.get(table.name, ())
                found[table.name] = tuple(
                    self._event(table, rows, self.random.choice(chosen), self.random.choice(times))
                    for _ in range(count)
                )
        return found

    def _grid(self, size: int) -> list[datetime]:
        """Times on a grid that divides the lookback, so that some lie exactly that far apart."""
        known = sorted(self._times(self.pool))
        start = self.random.choice(known) if known else START + self.random.randrange(200) * DAY
        lookback = self.code.lookback or self.random.choice((HOUR, DAY, 7 * DAY))
        step = max(lookback / self.random.choice((1, 2, 3, 6)), timedelta(seconds=1))
        step -= timedelta(microseconds=step.microseconds)
        times = [start + self.random.randrange(size + 1) * step for _ in range(size)]
        inside = [at for at in times if not known or at <= known[-1]]
        return inside or [start]

    def _event(self, table: EventTable, rows: Sequence[Row], entity: Key, at: datetime) -> Row:
        keys = dict(zip(self.code.entity, entity, strict=True))
        if not rows:
            values = self._values(table, at)
            late = self.random.choice((timedelta(0), timedelta(0), HOUR))
            times = {table.timestamp: at, **({table.created: at + late} if table.created else {})}
            return {**values, **{name: value for name, value in times.items() if name}, **keys}
        row = self.random.choice(rows)
        return {**shifted(row, at - row[table.timestamp] if table.timestamp else timedelta(0)), **keys}

    def _beside(self, table: EventTable, found: Tables) -> tuple[Row, ...]:
        """Of a table without the entity's keys, the rows from the first event to somewhat after the last."""
        times = self._times(found)
        rows = self.pool.get(table.name, ())
        if not table.timestamp or not times:
            return tuple(rows[:MOST_CALENDAR])
        after = self.random.choice((timedelta(0), HOUR, self.code.lookback or DAY))
        first, last = min(times) - HOUR, max(times) + after
        if rows:
            return tuple(row for row in rows if first <= row[table.timestamp] <= last)
        return tuple(self._tick(table, at) for at in _ticks(first, last))

    def _values(self, table: EventTable, at: datetime) -> Row:
        return {
            column.name: batch_values.made(column, at, self.random, partial(holds, table, column.name))
            for column in table.columns
        }

    def _tick(self, table: EventTable, at: datetime) -> Row:
        return {**self._values(table, at), table.timestamp: at, **({table.created: at} if table.created else {})}


def _ticks(first: datetime, last: datetime) -> list[datetime]:
    step = max(HOUR, (last - first) / MOST_CALENDAR)
    step = timedelta(hours=-(-step // HOUR))
    start = first.replace(minute=0, second=0, microsecond=0)
    return [start + at * step for at in range((last - start) // step + 1)]
