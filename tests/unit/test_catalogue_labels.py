"""The catalogue of transforms says of each which laws it breaks, and has enough of both sorts to mean something."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

from catalogue import catalogue

from skewguard.model import Law

LEAST = 40


def test_there_are_many_of_both_sorts() -> None:
    labels = catalogue.labels()
    bad = [name for name, laws in labels.items() if laws]
    assert len(bad) >= LEAST
    assert len(labels) - len(bad) >= LEAST
    every = [name for part in catalogue.PARTS for name in catalogue.labels(part)]
    once = Counter(name.rpartition(".")[2] for name in every)
    assert not [name for name, count in once.items() if count > 1], "views of one name are refused"


def test_every_law_is_broken_by_some_and_none_is_misspelt() -> None:
    broken = {law for laws in catalogue.labels().values() for law in laws}
    assert broken == set(map(str, Law))


def test_a_run_is_held_against_the_labels() -> None:
    labels = {"one": frozenset({"deterministic"}), "two": frozenset(), "three": frozenset()}

    def result(transform: str, law: str, verdict: str) -> SimpleNamespace:
        return SimpleNamespace(transform=transform, law=law, verdict=verdict, message="", examples=3)

    right = [result("one", "deterministic", "broken"), result("two", "deterministic", "held")]
    wrong = [result("one", "deterministic", "held"), result("two", "rehydrates", "broken")]
    assert catalogue.held([*right, result("three", "rehydrates", "held")], labels).exact
    found = catalogue.held(wrong, labels)
    assert (found.missed, found.alarms, found.untested) == (
        (("one", "deterministic"),),
        (("two", "rehydrates"),),
        ("three",),
    )
    assert found.detected == 0
    assert len(found.lines()) == 3
