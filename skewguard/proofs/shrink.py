"""Makes a counterexample small: fewer rows, then simpler values, as long as it breaks the law in the same feature."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from skewguard.proofs.laws.rule import Fault, NotTried, Rows
from skewguard.proofs.subject import OnDemandSubject
from skewguard.proofs.values import usual

ATTEMPTS = 200


class _Spent(Exception):
    """No more attempts."""


def smallest(
    subject: OnDemandSubject,
    rows: Rows,
    fault: Fault,
    test: Callable[[Rows], Fault | None],
    *,
    more: Callable[[], bool] = lambda: True,
) -> tuple[Rows, Fault]:
    """The smallest rows found that `test` still finds a fault of the same kind in, and that fault.

    Stops after ATTEMPTS tests, or as soon as `more` says no.
    """
    search = _Search(rows, fault, test, more)
    try:
        while search.fewer() or search.simpler(subject):
            pass
    except _Spent:
        pass
    return search.rows, search.fault


class _Search:
    """The smallest yet."""

    def __init__(
        self, rows: Rows, fault: Fault, test: Callable[[Rows], Fault | None], more: Callable[[], bool]
    ) -> None:
        self.rows, self.fault = rows, fault
        self._test, self._more, self._left = test, more, ATTEMPTS
        self._seen: set[str] = {repr(rows)}

    def fewer(self) -> bool:
        """Leave out rows, one at a time, from the last on; whether any could go."""
        before = len(self.rows)
        at = len(self.rows) - 1
        while at >= 0 and len(self.rows) > 1:
            self._try((*self.rows[:at], *self.rows[at + 1 :]))
            at -= 1
        return len(self.rows) < before

    def simpler(self, subject: OnDemandSubject) -> bool:
        """Put a simpler value into each cell; whether any would do."""
        found = False
        for at in range(len(self.rows)):
            for column in subject.inputs:
                value = self.rows[at][column.name]
                for simple in _simpler(value, usual(column)):
                    row = {**self.rows[at], column.name: simple}
                    if self._try((*self.rows[:at], row, *self.rows[at + 1 :])):
                        found = True
                        break
        return found

    def _try(self, rows: Rows) -> bool:
        key = repr(rows)
        if key in self._seen:
            return False
        self._seen.add(key)
        if self._left <= 0 or not self._more():
            raise _Spent
        self._left -= 1
        try:
            fault = self._test(rows)
        except NotTried:
            return False
        if fault is None or fault.detail.get("feature") != self.fault.detail.get("feature"):
            return False
        self.rows, self.fault = rows, fault
        return True


def _simpler(value: Any, usual_values: list[Any]) -> Iterator[Any]:
    """From the simplest on; what comes after the value itself is no simpler than it."""
    ladder: list[Any] = []
    if isinstance(value, float) or isinstance(usual_values[0], float):
        ladder = [0.0]
    elif isinstance(usual_values[0], int) and not isinstance(usual_values[0], bool):
        ladder = [0]
    for simple in [*ladder, *usual_values[:3]]:
        if type(simple) is type(value) and repr(simple) == repr(value):
            return
        yield simple
