"""Finds by trial which columns a batch transform reads of its events, where no source says what they are."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from skewguard import sql
from skewguard.build.trial import answer
from skewguard.definition import BatchTransform
from skewguard.errors.parity import CannotRun
from skewguard.proofs import batch_values
from skewguard.proofs.batch_code import BatchCall, EventTable
from skewguard.proofs.calls import Answer
from skewguard.proofs.subject import InputColumn

MOST_TRIALS = 120
DTYPES = ("Float64", "String", "UnixTimestamp", "Int64", "Bool")
KEY_DTYPES = ("String", "Int64")
TIME_NAME = re.compile(r"(^|_)(at|on|ts|time|date|day|timestamp|datetime|when)(_|$)")
# How pandas and DuckDB name a column that is not there.
ABSENT = re.compile(r"KeyError|not found|not in index|has no attribute|does not have a column|do not exist")
# What no other column, and no other dtype of one, would mend.
HOPELESS = ("ImportError", "ModuleNotFoundError", "NameError", "RecursionError", "MemoryError")
NO_TABLE = re.compile(r"returned a \w+ where|returned columns that are doubled")
QUOTED = re.compile(r"'([^'\"]+)'|\"([^'\"]+)\"")
NO_COLUMNS = {"DataFrame", "Series", "object", "DataFrameGroupBy", "SeriesGroupBy", "NoneType", "str"}
START = datetime(2024, 3, 4, 6, tzinfo=UTC)
GIVE_ROWS = (
    "without a Feast repo nothing says what its events are: test the repo that binds it, "
    "or give events, rows={table: [row, ...]}"
)


def guessed_tables(transform: BatchTransform, connection: sql.Connection) -> tuple[tuple[EventTable, ...], str | None]:
    """Its event tables by trial; or what is known of them, and why that is not enough. Errors: CannotRun."""
    if len(transform.parameters) > 1:
        return _tables(transform, {}), f"it takes several event tables, and {GIVE_ROWS}"
    search = _Search(transform, connection)
    if not search.succeeds():
        return _tables(transform, {}), f"it could not be run on made-up events ({search.said}), and {GIVE_ROWS}"
    times = [name for name, dtype in search.columns.items() if dtype == "UnixTimestamp"]
    if transform.timestamp not in times and len(times) != 1:
        return _tables(transform, {}), f"it is not known which column is the time of an event, and {GIVE_ROWS}"
    return _tables(transform, search.columns), None


def _tables(transform: BatchTransform, columns: dict[str, str]) -> tuple[EventTable, ...]:
    times = [name for name, dtype in columns.items() if dtype == "UnixTimestamp"]
    at = transform.timestamp if transform.timestamp in times else next(iter(times), "")
    created = transform.created if transform.created in times else None
    described = tuple(InputColumn(name=name, dtype=dtype) for name, dtype in columns.items())
    return tuple(
        EventTable(name=name, columns=described, timestamp=at, created=created if created != at else None)
        for name in transform.parameters
    )


class _Search:
    """Runs the transform on a few made-up events, adds what it misses, and tries other dtypes where that is not it."""

    def __init__(self, transform: BatchTransform, connection: sql.Connection) -> None:
        self._transform, self._connection = transform, connection
        self._left = MOST_TRIALS
        self.columns = {name: transform.entity_dtypes.get(name, KEY_DTYPES[0]) for name in transform.entity}
        self.said = ""

    def succeeds(self) -> bool:
        """Whether columns were found with which it returns what it declares."""
        found = self._problem(self.columns)
        while found is not None and self._left > 0:
            self.said = found
            found = self._added(found) if self._missing(found) else self._retyped(found)
        return found is None and self._left > 0

    def _missing(self, problem: str) -> list[str]:
        if not ABSENT.search(problem):
            return []
        names = [(one or other).removeprefix("Column not found: ") for one, other in QUOTED.findall(problem)]
        return [each for each in names if each not in self.columns and each not in NO_COLUMNS][:1]

    def _added(self, problem: str) -> str | None:
        (name,) = self._missing(problem)
        times = (self._transform.timestamp, self._transform.created)
        self.columns[name] = "UnixTimestamp" if name in times or TIME_NAME.search(name) else DTYPES[0]
        return self._problem(self.columns)

    def _retyped(self, problem: str) -> str | None:
        """The first other dtype of one column with which it gets further: the same problem is no step forward."""
        for name, dtype in reversed(list(self.columns.items())):
            for other in KEY_DTYPES if name in self._transform.entity else DTYPES:
                if other == dtype or name == self._transform.timestamp:
                    continue
                tried = {**self.columns, name: other}
                found = self._problem(tried)
                if found is None or self._missing(found):
                    self.columns = tried
                    return found
        self._left = 0
        return problem

    def _problem(self, columns: dict[str, str]) -> str | None:
        self._left -= 1
        made = self._answer(columns)
        if made.raised is not None:
            if made.raised.kind in HOPELESS:
                raise CannotRun(str(made.raised))
            return str(made.raised)
        if made.unconverted is not None:
            if NO_TABLE.search(made.unconverted):
                raise CannotRun(made.unconverted)
            return made.unconverted
        return None if made.size else "it returned no row"

    def _answer(self, columns: dict[str, str]) -> Answer:
        tables = _tables(self._transform, columns)
        rows = [_row(tables[0], self._transform, at) for at in range(6)]
        return answer(self._transform, tables, BatchCall(tables={tables[0].name: rows}), self._connection)


def _row(table: EventTable, transform: BatchTransform, at: int) -> dict[str, Any]:
    when = START + at * timedelta(hours=5)
    random = Random(at)
    row = {column.name: batch_values.made(column, when, random) for column in table.columns}
    times = {name: when for name in (table.timestamp, table.created) if name}
    keys = {name: column for name in transform.entity if (column := table.column(name)) is not None}
    return {**row, **times, **{name: batch_values.key(column, at % 2) for name, column in keys.items()}}
