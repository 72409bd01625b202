"""The laws of batch transforms, each tested as a whole in the process where the function is.

The engine asks `tested` for every law whose Rule has no `not_batch`; which do not apply to a transform is said
here. An example on which the transform raises, or returns what a build refuses, is a matter of `schema_kept` and of no
other law, so that one fault breaks one law.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from skewguard.model import Law, LawResult, LawVerdict
from skewguard.parity.batch_code import BatchCode, BatchExample, Tables
from skewguard.parity.batch_examples import batch_examples_of
from skewguard.parity.batch_pasted import batch_test_of
from skewguard.parity.batch_shrink import Test, smallest
from skewguard.parity.laws.batch_repeats import (
    deterministic,
    input_untouched,
    null_parity,
    order_invariant,
    rehydrates,
    schema_kept,
    takes_relations,
    timezone_free,
)
from skewguard.parity.laws.entity_isolated import entity_isolated
from skewguard.parity.laws.incremental import built_anew, incremental
from skewguard.parity.laws.lookback_sufficient import lookback_sufficient, without_lookback
from skewguard.parity.laws.no_lookahead import no_lookahead
from skewguard.parity.laws.rule import Fault, NotTried
from skewguard.parity.show import as_json

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
FEW = 3

PATIENCE = 0.7  # seconds for one law of one transform; what is slower gets fewer examples, but for the first LEAST
LEAST = 4
SHRINKING = 4.0


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
    unless = UNLESS[law](code) if law in UNLESS else None
    if unless is not None or law not in TESTS:
        return _result(code, law, LawVerdict.NOT_APPLICABLE, message=unless or "a law of on-demand transforms")
    if given is not None:
        histories = [BatchExample(tables={name: tuple(rows) for name, rows in given.items()})]
    else:
        histories = batch_examples_of(code, code.real, count=examples, seed=seed)
    test = TESTS[law]
    tried, why = 0, Counter[str]()
    started = time.monotonic()
    for history in _few(histories) if law in FRESH else histories:
        if tried >= LEAST and time.monotonic() - started > patience:
            slow = f"slow: {tried} of {len(histories)} examples in {patience:g} s"
            return _result(code, law, LawVerdict.HELD, tried, message=slow)
        try:
            fault = test(code, history)
        except NotTried as problem:
            why[str(problem)] += 1
            continue
        tried += 1
        if fault is not None:
            return _broken(code, law, tried, history, fault, target)
    if not tried:
        ((reason, _),) = why.most_common(1) or [("no example", 0)]
        return _result(code, law, LawVerdict.NOT_APPLICABLE, message=reason)
    return _result(code, law, LawVerdict.HELD, tried)


def _few(histories: Iterable[BatchExample]) -> list[BatchExample]:
    """The largest of the first ones."""
    first = list(histories)[:20]
    return sorted(first, key=lambda each: -sum(map(len, each.tables.values())))[:FEW]


def _broken(code: BatchCode, law: Law, tried: int, history: BatchExample, fault: Fault, target: str) -> LawResult:
    started = time.monotonic()
    if law not in FRESH:
        history, fault = smallest(code, history, fault, TESTS[law], more=lambda: time.monotonic() - started < SHRINKING)
    counterexample: dict[str, Any] = {
        "events": {name: [as_json(row) for row in rows] for name, rows in history.tables.items()},
        **{name: as_json(value) for name, value in fault.detail.items()},
        "test": batch_test_of(target, code.name, law, history.tables, fault.says),
    }
    return LawResult(
        transform=code.name,
        law=law,
        verdict=LawVerdict.BROKEN,
        examples=tried,
        counterexample=counterexample,
        message=fault.says,
    )


def _result(code: BatchCode, law: Law, verdict: LawVerdict, tried: int = 0, message: str = "") -> LawResult:
    return LawResult(transform=code.name, law=law, verdict=verdict, examples=tried, message=message)
