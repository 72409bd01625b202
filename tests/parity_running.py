"""Tests the laws of on-demand transforms in this process, through Feast's own objects."""

from __future__ import annotations

from collections.abc import Sequence

from skewguard.feature_store.parity_on_demand import OnDemandCode
from skewguard.feature_store.parity_subjects import rehydrated, serialized
from skewguard.feature_store.parity_world import Surroundings
from skewguard.model import Law, LawResult, LawVerdict
from skewguard.pipeline.parity_loading import Found
from skewguard.proofs.calls import Answer, Call
from skewguard.proofs.engine import Tried, try_laws
from skewguard.proofs.examples import examples_of
from skewguard.proofs.subject import OnDemandSubject

SEED, COUNT = 0, 20


class Here:
    """A Runner in this process; its fresh one has what Feast re-creates, but no other hash seed."""

    def __init__(self, found: Found, surroundings: Surroundings) -> None:
        self.found = found
        self.codes = {each.name: OnDemandCode(view, each, surroundings) for each, view in found.on_demand}
        self.fresh = {
            each.name: OnDemandCode(rehydrated(serialized(view)), each, surroundings) for each, view in found.on_demand
        }

    def answers(self, subject: OnDemandSubject, calls: Sequence[Call], *, fresh: bool = False) -> list[Answer]:
        code = (self.fresh if fresh else self.codes)[subject.name]
        return [code.answer(call) for call in calls]

    def tested(self, name: str, *laws: Law) -> Tried:
        subject = next(each for each, _ in self.found.on_demand if each.name.rpartition(".")[2] == name)
        examples = examples_of(subject, self.found.real.get(subject.name, []), count=COUNT, seed=SEED)
        return try_laws(subject, laws or tuple(Law), examples, self, target="a_module", patience=60)


def broken(results: Sequence[LawResult]) -> dict[str, str]:
    return {each.law.value: each.message for each in results if each.verdict is LawVerdict.BROKEN}
