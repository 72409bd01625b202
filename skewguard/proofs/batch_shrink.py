"""Makes a counterexample small: fewer events, then plainer ones, as long as the law is broken in the same feature."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from skewguard.proofs.batch_code import BatchCode, BatchExample, EventTable
from skewguard.proofs.batch_frames import holds
from skewguard.proofs.batch_rows import keyed
from skewguard.proofs.calls import Row
from skewguard.proofs.laws.rule import Fault, NotTried
from skewguard.proofs.values import usual

Test = Callable[[BatchCode, BatchExample], Fault | None]


def smallest(
    code: BatchCode, example: BatchExample, fault: Fault, test: Test, *, more: Callable[[], bool]
) -> tuple[BatchExample, Fault]:
    """The smallest example found in which `test` still finds the like of `fault`; stops when `more` says no."""
    search = _Search(code, example, fault, test, more)
    while search.fewer() and more():
        pass
    search.plainer()
    return search.example, search.fault


class _Search:
    """The smallest example yet."""

    def __init__(
        self, code: BatchCode, example: BatchExample, fault: Fault, test: Test, more: Callable[[], bool]
    ) -> None:
        self.code, self.example, self.fault = code, example, fault
        self._test, self._more = test, more

    def fewer(self) -> bool:
        """Leave out events: half of a table, a quarter, ..., one; whether any could go."""
        found = False
        for table in self.code.tables:
            size = len(self.example.tables[table.name])
            while size >= 1:
                size = min(size, len(self.example.tables[table.name]))
                found |= sum(self._without(table, start, size) for start in self._starts(table, size)) > 0
                size //= 2
        return found

    def _starts(self, table: EventTable, size: int) -> Iterator[int]:
        """Where to leave events out, from the last on; of a calendar only its ends, for it has no gaps."""
        count = len(self.example.tables[table.name])
        places = range(max(0, count - size), -1, -size) if size else ()
        yield from places if keyed(self.code, table) else (max(0, count - size), 0)

    def _without(self, table: EventTable, start: int, size: int) -> bool:
        rows = self.example.tables[table.name]
        if not rows or start >= len(rows):
            return False
        return self._try(table, (*rows[:start], *rows[start + size :]))

    def plainer(self) -> None:
        """Put the plainest value into each cell that does not matter, column by column."""
        for table in self.code.tables:
            fixed = {*self.code.entity, table.timestamp, table.created}
            for column in table.columns:
                rows = self.example.tables[table.name]
                if column.name in fixed or not rows or not self._more():
                    continue
                plain = usual(column)[0]
                if holds(table, column.name, plain) and any(row.get(column.name) != plain for row in rows):
                    self._try(table, tuple({**row, column.name: plain} for row in rows))

    def _try(self, table: EventTable, rows: Sequence[Row]) -> bool:
        if not self._more():
            return False
        smaller = BatchExample(tables={**self.example.tables, table.name: tuple(rows)})
        try:
            fault = self._test(self.code, smaller)
        except NotTried:
            return False
        if fault is None or _about(fault) != _about(self.fault):
            return False
        self.example, self.fault = smaller, fault
        return True


def _about(fault: Fault) -> Any:
    """What a fault is of: a feature, or rows, or an error of some class."""
    raised = str(fault.detail.get("raised", "")).partition(":")[0]
    return fault.detail.get("feature"), raised
