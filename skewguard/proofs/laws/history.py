"""The laws of batch transforms, each tested as a whole in the process where the function is.

The engine asks `tested` for every law whose Rule has no `not_batch`; which do not apply to a transform is said
here. An example on which the transform raises, or returns what a build refuses, is a matter of `schema_kept` and of no
other law, so that one fault breaks one law.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from skewguard.model import Law, LawResult, LawVerdict
from skewguard.proofs.batch_code import BatchCall, BatchCode, BatchExample, Tables
from skewguard.proofs.batch_examples import batch_examples_of
from skewguard.proofs.batch_rows import tied
from skewguard.proofs.batch_shrink import Test, smallest
from skewguard.proofs.laws.batch_repeats import (
    deterministic,
    input_untouched,
    null_parity,
    order_invariant,
    rehydrates,
    schema_kept,
    takes_relations,
    timezone_free,
)
from skewguard.proofs.laws.entity_isolated import entity_isolated
from skewguard.proofs.laws.incremental import built_anew, incremental
from skewguard.proofs.laws.lookback_sufficient import lookback_sufficient, without_lookback
from skewguard.proofs.laws.no_lookahead import no_lookahead
from skewguard.proofs.laws.rule import Fault, NotTried
from skewguard.proofs.pasted import batch_test_of
from skewguard.proofs.show import as_json

TESTS: Mapping[Law, Test] = {
    Law.DETERMINISTIC: deterministic,
    Law.ORDER_INVARIANT: order_invariant,
    Law.INPUT_UNTOUCHED: input_untouched,
    Law.NULL_PARITY: null_parity,
    Law.SCHEMA_KEPT: schema_kept,
    Law.REHYDRATES: rehydrates,
    Law.TIMEZONE_FREE: timezone_free,
    Law.NO_LOOKAHEAD: no_lookahead,
    Law.LOOKBACK_SUFFICIENT: lookback_sufficient,
    Law.ENTITY_ISOLATED: entity_isolated,
    Law.INCREMENTAL: incremental,
}
# Why a law says nothing of some transforms.
UNLESS: Mapping[Law, Callable[[BatchCode], str | None]] = {
    Law.INPUT_UNTOUCHED: takes_relations,
    Law.NULL_PARITY: takes_relations,
    Law.LOOKBACK_SUFFICIENT: without_lookback,
    Law.INCREMENTAL: built_anew,
}
# These ask another process: a few long histories are enough.
FRESH = (Law.DETERMINISTIC, Law.REHYDRATES)
FEW = 2

# These look at single answers.
OF_ONE_ANSWER = (Law.DETERMINISTIC, Law.SCHEMA_KEPT, Law.INPUT_UNTOUCHED)
UNSTEADY = "its answers change from call to call, so that nothing else can be told: see deterministic"

# Seconds of work for one law of one transform; what is slower gets fewer examples, but for the first LEAST. Counted
# as work, and a tenth as time gone by: what is tested should not hang on what else the machine does.
PATIENCE = 2.0
LEAST = 6
GONE_BY = 10
LONGEST = 4  # times that patience, where examples say nothing, or the first are slow
SHRINKING = 1.0
SMALL = 6  # events


def tested(
    code: BatchCode,
    law: Law,
    *,
    examples: int,
    seed: int,
    patience: float = PATIENCE,
    target: str = "",
    given: Tables | None = None,
) -> LawResult:
    """What `law` comes to for `code` over `examples` histories, or over the `given` events alone."""
    unless = _unless(code, law, given)
    if unless is not None:
        return _result(code, law, LawVerdict.NOT_APPLICABLE, message=unless)
    histories = _histories(code, law, examples, seed) if given is None else [_example(given)]
    tried, why, spent = 0, Counter[str](), _Spent(patience)
    for history in histories:
        if spent.is_over(tried, sum(why.values())):
            break
        try:
            fault = TESTS[law](code, history)
        except NotTried as problem:
            why[str(problem)] += 1
            continue
        tried += 1
        if fault is not None and law not in OF_ONE_ANSWER and not _steady(code, history):
            return _result(code, law, LawVerdict.NOT_APPLICABLE, message=UNSTEADY)
        if fault is not None:
            if given is None:
                history, fault = _smallest(code, law, history, fault, histories)
            return broken(code.name, law, tried, history.tables, fault, target)
    if not tried:
        ((reason, _),) = why.most_common(1) or [("there was no example", 0)]
        return _result(code, law, LawVerdict.NOT_APPLICABLE, message=reason)
    slow = f"slow: {tried} of {examples} examples" if spent.over and law not in FRESH else ""
    return _result(code, law, LawVerdict.HELD, tried, message=slow)


def _unless(code: BatchCode, law: Law, given: Tables | None) -> str | None:
    """Why the law does not apply."""
    if law not in TESTS:
        return "a law of on-demand transforms"
    if code.unknown is not None and given is None:
        return code.unknown
    return UNLESS[law](code) if law in UNLESS else None


def _histories(code: BatchCode, law: Law, examples: int, seed: int) -> list[BatchExample]:
    histories = batch_examples_of(code, code.real, count=examples, seed=seed)
    if law not in FRESH:
        return histories
    return sorted(histories[:20], key=lambda each: (tied(code, each.tables), -_size(each)))[:FEW]


def _size(example: BatchExample) -> int:
    return sum(len(rows) for rows in example.tables.values())


def _example(given: Tables) -> BatchExample:
    return BatchExample(tables={name: tuple(rows) for name, rows in given.items()})


class _Spent:
    """The work and the time that a law has taken since."""

    def __init__(self, patience: float) -> None:
        self._patience, self._worked, self._began = patience, time.process_time(), time.monotonic()
        self.over = False

    def is_over(self, tried: int, idle: int) -> bool:
        """Whether no more should be tried, after `tried` examples and `idle` ones that said nothing."""
        spent = max(time.process_time() - self._worked, (time.monotonic() - self._began) / GONE_BY)
        patience = self._patience if tried >= LEAST else LONGEST * self._patience
        self.over = spent > patience and tried + idle > 0
        return self.over


def _steady(code: BatchCode, history: BatchExample) -> bool:
    """Whether the same events give the same twice: else a difference says nothing of what was changed."""
    once, again = code.ask([BatchCall(tables=history.tables, anew=True)] * 2)
    return repr((once.columns, once.raised)) == repr((again.columns, again.raised))


def broken(name: str, law: Law, tried: int, tables: Tables, fault: Fault, target: str) -> LawResult:
    """The law broken by these events, which are shown as data and as a test."""
    counterexample: dict[str, Any] = {
        "events": {table: [as_json(row) for row in rows] for table, rows in tables.items()},
        **{about: as_json(value) for about, value in fault.detail.items()},
        "test": batch_test_of(target, name, law, tables, fault.says),
    }
    return LawResult(
        transform=name,
        law=law,
        verdict=LawVerdict.BROKEN,
        examples=tried,
        counterexample=counterexample,
        message=fault.says,
    )


def _smallest(
    code: BatchCode, law: Law, history: BatchExample, fault: Fault, histories: Sequence[BatchExample]
) -> tuple[BatchExample, Fault]:
    """From a small history that breaks the law too, where one of the next does."""
    spent = _Spent(SHRINKING)
    small = [each for each in histories if 0 < _size(each) <= SMALL < _size(history)]
    for each in small[:SMALL]:
        with suppress(NotTried):
            found = TESTS[law](code, each)
            if found is not None:
                history, fault = each, found
                break
    return smallest(code, history, fault, TESTS[law], more=lambda: not spent.is_over(LEAST, 0))


def _result(code: BatchCode, law: Law, verdict: LawVerdict, tried: int = 0, message: str = "") -> LawResult:
    return LawResult(transform=code.name, law=law, verdict=verdict, examples=tried, message=message)
