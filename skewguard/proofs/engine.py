"""Tests the laws of one on-demand transform: screens the examples, tries each law on them, shrinks what breaks one.

A row on which the transform raises, alone and typed as offline, is a matter of `schema_kept` and of no other law: it is
left out of the examples of all others, so that one fault breaks one law.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from skewguard.model import Law, LawResult, LawVerdict
from skewguard.proofs.calls import Answer, Call, Runner, World
from skewguard.proofs.laws import RULES
from skewguard.proofs.laws.answers import NO_ANSWER, UNSTEADY
from skewguard.proofs.laws.rule import Fault, NotTried, Rows, Rule, Test, Trial
from skewguard.proofs.pasted import pasted_test
from skewguard.proofs.show import as_json
from skewguard.proofs.shrink import smallest
from skewguard.proofs.subject import OnDemandSubject

# Seconds of work that one law of one transform is given; what is slower gets fewer examples, but for the first of them,
# and of those fewer than all only where it takes LONGEST times as long. Work, not time gone by: what is found should
# not hang on what else the machine does.
PATIENCE = 4.0
LEAST, LONGEST = 10, 10
SHRINKING = 1.0
# The laws that are told by comparing answers to different calls.
COMPARING = {Law.BATCH_INVARIANT, Law.ORDER_INVARIANT, Law.NULL_PARITY, Law.DTYPE_PARITY, Law.TIMEZONE_FREE}


class Hung(Exception):
    """A call that was ended after the time limit."""

    def __init__(self, rows: Rows, message: str) -> None:
        super().__init__(message)
        self.rows, self.message = rows, message


class Remembering:
    """A runner that makes the same call once, unless it is to be made anew; and that stops at a call that hangs."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._known: dict[Any, tuple[Any, Answer]] = {}
        self.effects: dict[str, None] = {}
        self.spent = 0.0

    def answers(self, subject: OnDemandSubject, calls: Sequence[Call], *, fresh: bool = False) -> list[Answer]:
        """As Runner says."""
        keys = [None if fresh or each.anew or each.world != World() else _key(each) for each in calls]
        unknown = [at for at, key in enumerate(keys) if key is None or key not in self._known]
        made = self._runner.answers(subject, [calls[at] for at in unknown], fresh=fresh) if unknown else []
        found = dict(zip(unknown, made, strict=True))
        for at, answer in found.items():
            self.effects |= dict.fromkeys(answer.effects)
            self.spent += answer.spent
            if answer.raised is not None and answer.raised.hung:
                given = calls[at]
                chosen = range(len(given.rows)) if given.positions is None else given.positions
                raise Hung(tuple(given.rows[each] for each in chosen), answer.raised.message)
            if keys[at] is not None:
                self._known[keys[at]] = (calls[at].rows, answer)  # the rows are kept: their identity is the key
        return [found[at] if at in found else self._known[keys[at]][1] for at in range(len(calls))]


def _key(call: Call) -> Any:
    return (id(call.rows), call.path, call.positions, call.served, call.index, call.convert, call.watch)


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What testing one transform came to. `effects` are what its calls did beside answering."""

    results: tuple[LawResult, ...]
    effects: tuple[str, ...] = ()
    hung: str | None = None


@dataclass(kw_only=True)
class _Bench:
    """One transform while its laws are tested."""

    trial: Trial
    target: str
    examples: Sequence[Rows]
    patience: float
    first: int
    remembering: Remembering
    screened: dict[int, Rows] = field(default_factory=dict)
    raising: str = ""
    unsteady: bool = False


def try_laws(
    subject: OnDemandSubject,
    laws: Sequence[Law],
    examples: Sequence[Rows],
    runner: Runner,
    *,
    target: str,
    patience: float = PATIENCE,
    first: int = LEAST,
    told: Callable[[LawResult], None] = lambda result: None,
) -> Tried:
    """The laws in their order. `target` is where a pasted test finds the transform; `first` of the examples count."""
    remembering = Remembering(runner)
    bench = _Bench(
        trial=Trial(subject=subject, runner=remembering),
        target=target,
        examples=examples,
        patience=patience,
        first=first,
        remembering=remembering,
    )
    results, hung = [], None
    for law in laws:
        if hung is not None:
            result = _hung(bench, law, hung)
        else:
            try:
                result = _tested(bench, RULES[law])
            except Hung as problem:
                hung = problem
                result = _hung(bench, law, hung)
        told(result)
        results.append(result)
    effects = tuple(remembering.effects)
    return Tried(results=tuple(results), effects=effects, hung=None if hung is None else hung.message)


def _hung(bench: _Bench, law: Law, hung: Hung) -> LawResult:
    """A transform that does not answer keeps no schema; of the other laws nothing can be told."""
    if law is not Law.SCHEMA_KEPT:
        return _not_applicable(bench, law, f"it {hung.message}: see schema_kept")
    return _broken(bench, law, 1, _hanging(bench, hung), Fault(says=f"it {hung.message}"))


def _hanging(bench: _Bench, hung: Hung) -> Rows:
    """One row that is enough; all, where it takes several. Those before it answer at once: it costs one more wait."""
    for row in hung.rows if len(hung.rows) > 1 else ():
        try:
            bench.trial.ask(Call(rows=(row,)))
        except Hung as alone:
            return alone.rows
    return hung.rows


def _tested(bench: _Bench, rule: Rule) -> LawResult:
    if rule.test is None:
        return _not_applicable(bench, rule.law, rule.not_on_demand)
    tried, untold, why, before = 0, False, NO_ANSWER, bench.remembering.spent
    for number, rows in enumerate(_examples(bench, rule)):
        try:
            fault = rule.test(bench.trial, rows)
            if fault is not None and rule.law is not Law.SCHEMA_KEPT:
                rows, fault = _of_answering(bench, rule.test, rows, fault)
        except NotTried as problem:
            why = str(problem)
            untold = untold or why == UNSTEADY
            continue
        if fault is not None and rule.law in COMPARING and _unsteady(bench, rows):
            untold = True
            continue
        tried += 1
        if fault is not None:
            bench.unsteady = bench.unsteady or rule.law is Law.DETERMINISTIC
            return _shrunk(bench, rule.law, rule.test, tried, rows, fault)
        if _is_slow(bench, bench.remembering.spent - before, number + 1):
            told = f"slow: {tried} of {len(bench.examples)} examples in {bench.patience:g} s"
            return LawResult(
                transform=bench.trial.subject.name, law=rule.law, verdict=LawVerdict.HELD, examples=tried, message=told
            )
    if untold:
        return _not_applicable(bench, rule.law, UNSTEADY)
    if not tried:
        return _not_applicable(bench, rule.law, bench.raising or why)
    return LawResult(transform=bench.trial.subject.name, law=rule.law, verdict=LawVerdict.HELD, examples=tried)


def _is_slow(bench: _Bench, spent: float, number: int) -> bool:
    """Whether there should be no more examples after `number` of them."""
    enough = number >= bench.first or spent > LONGEST * bench.patience
    return spent > bench.patience and number >= LEAST and enough and number < len(bench.examples)


def _unsteady(bench: _Bench, rows: Rows) -> bool:
    """Whether answers change from call to call: then a difference says nothing of another law."""
    if bench.unsteady:
        return True
    test = RULES[Law.DETERMINISTIC].test
    assert test is not None
    try:
        return test(bench.trial, rows) is not None
    except NotTried:
        return False


def _examples(bench: _Bench, rule: Rule) -> Iterator[Rows]:
    for at, rows in enumerate(bench.examples):
        if rule.law is Law.SCHEMA_KEPT:
            yield rows
            continue
        if at not in bench.screened:
            bench.screened[at] = _screened(bench, rows)
        if bench.screened[at]:
            yield bench.screened[at]


def _screened(bench: _Bench, rows: Rows) -> Rows:
    """The rows on which the transform answers."""
    (whole,) = bench.trial.ask(Call(rows=rows))
    return rows if whole.raised is None else _answering(bench, rows)


def _answering(bench: _Bench, rows: Rows) -> Rows:
    """Those of the rows on which the transform answers alone."""
    alone = bench.trial.ask(*(Call(rows=rows, positions=(at,)) for at in range(len(rows))))
    raising = [each.raised for each in alone if each.raised is not None]
    if raising:
        bench.raising = f"it raises {raising[0]}: see schema_kept"
    return tuple(row for row, answer in zip(rows, alone, strict=True) if answer.raised is None)


def _of_answering(bench: _Bench, test: Test, rows: Rows, fault: Fault) -> tuple[Rows, Fault | None]:
    """What is left of the fault where rows are left out that have an answer in company only."""
    kept = _answering(bench, rows)
    if len(kept) == len(rows):
        return rows, fault
    if not kept:
        raise NotTried(bench.raising)
    return kept, test(bench.trial, kept)


def _shrunk(bench: _Bench, law: Law, test: Test, tried: int, rows: Rows, fault: Fault) -> LawResult:
    before = bench.remembering.spent
    with suppress(Hung):  # the fault that was found stands
        rows, fault = smallest(
            bench.trial.subject,
            rows,
            fault,
            lambda smaller: test(bench.trial, smaller),
            more=lambda: bench.remembering.spent - before < SHRINKING,
        )
    return _broken(bench, law, tried, rows, fault)


def _broken(bench: _Bench, law: Law, tried: int, rows: Rows, fault: Fault) -> LawResult:
    subject = bench.trial.subject
    counterexample: Mapping[str, Any] = {
        "rows": [as_json(row) for row in rows],
        **{name: as_json(value) for name, value in fault.detail.items()},
        "test": pasted_test(bench.target, subject.name, law, rows, fault.says),
    }
    return LawResult(
        transform=subject.name,
        law=law,
        verdict=LawVerdict.BROKEN,
        examples=tried,
        counterexample=counterexample,
        message=fault.says,
    )


def _not_applicable(bench: _Bench, law: Law, why: str) -> LawResult:
    return LawResult(transform=bench.trial.subject.name, law=law, verdict=LawVerdict.NOT_APPLICABLE, message=why)
