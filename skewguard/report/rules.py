"""The rules that a finding can be of, as SARIF and pull requests name them: each with its sentences of help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skewguard.model import Law, Promise
from skewguard.report.findings import (
    CONTRACT,
    COULD_NOT_COMPARE,
    LAW,
    RUN_FAILED,
    UNUSED_WAIVER,
    WARNING,
    WRONG_ON_BOTH,
)
from skewguard.report.remedies import remedy_of


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: `title` in a few words, what it says, and what to do where it is broken."""

    title: str
    says: str
    what_to_do: str


OTHERS: Mapping[str, Rule] = {
    COULD_NOT_COMPARE: Rule(
        title="Could not be compared",
        says="A feature or view could not be read on one of the paths, so nothing is known about its skew.",
        what_to_do="Put right what the message names, and check again.",
    ),
    WRONG_ON_BOTH: Rule(
        title="Wrong on both paths",
        says="The offline and the online value are equal, and differ from the source value.",
        what_to_do="Look at the source and at the transform: a model trained on this is served the same mistake.",
    ),
    WARNING: Rule(
        title="A warning",
        says="The two paths agree, but something about the feature needs a look.",
        what_to_do="Read the feature's notes: `skewguard explain FEATURE`.",
    ),
    UNUSED_WAIVER: Rule(
        title="A waiver that nothing needs",
        says="All features that the waiver is about were compared, and none has the skew that it lets be.",
        what_to_do="Delete it from pyproject.toml: it would hide the next skew of that cause.",
    ),
    RUN_FAILED: Rule(
        title="The run fails as a whole",
        says="Each feature is within its budget, and something else that was asked for does not hold.",
        what_to_do="Do what the message says: a waiver that nothing needs any more is to be deleted.",
    ),
}
KEPT: Mapping[Law, str] = {
    Law.DETERMINISTIC: "the same input gives the same output in any process, at any time",
    Law.BATCH_INVARIANT: "each row's output is the same alone and among any others",
    Law.ORDER_INVARIANT: "permuting rows permutes outputs, and the index plays no part",
    Law.INPUT_UNTOUCHED: "the caller's frame is not changed",
    Law.NULL_PARITY: "each form of null that Feast feeds gives the same output",
    Law.DTYPE_PARITY: "inputs typed as either path types them give the same output",
    Law.SCHEMA_KEPT: "the output has the declared features, one row per input row, in dtypes that Feast converts",
    Law.REHYDRATES: "Feast can make it again and run it in a fresh process",
    Law.TIMEZONE_FREE: "the time zone and the locale of the process play no part",
    Law.NO_LOOKAHEAD: "events after t leave every output at or before t as it was",
    Law.LOOKBACK_SUFFICIENT: "the events of the declared lookback alone give the same newest output",
    Law.ENTITY_ISOLATED: "each entity's outputs are the same computed alone as among all",
    Law.INCREMENTAL: "computing in steps gives what computing at once gives",
}
PROMISED: Mapping[Promise, str] = {
    Promise.DTYPE: "dtype",
    Promise.NULLABLE: "nullability",
    Promise.RANGE: "range",
    Promise.CATEGORIES: "categories",
}


def rule_of(name: str) -> Rule:
    """The rule of that name: a cause, a promise of a contract, a law, or one of the others."""
    if name in OTHERS:
        return OTHERS[name]
    if (law := name.removeprefix(LAW)) in set(Law):
        return Rule(
            title=f"Breaks the law {law}",
            says=f"A transform must keep this law to be safe on both paths: {KEPT[Law(law)]}.",
            what_to_do="The message has the smallest counterexample that was found; `skewguard parity` runs the laws.",
        )
    if (promise := name.removeprefix(CONTRACT)) in set(Promise):
        return Rule(
            title=f"Breaks its contract: {PROMISED[Promise(promise)]}",
            says=f"Values break what the feature's contract promises of its {PROMISED[Promise(promise)]}.",
            what_to_do="Correct the source or the transform, or the contract where it promises too much.",
        )
    remedy = remedy_of(name)
    says = remedy.is_when[:1].upper() + remedy.is_when[1:]
    return Rule(
        title=f"Skew: {name}",
        says=f"{says} What usually leads to it: {remedy.leads_to_it}",
        what_to_do=remedy.what_to_do,
    )
