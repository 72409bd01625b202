"""Generated rows hang on the seed alone, and not on what else is loaded."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from hypothesis.internal.conjecture import providers

from skewguard.model import FeatureSpec
from skewguard.proofs.examples import examples_of
from skewguard.proofs.subject import InputColumn, OnDemandSubject
from skewguard.proofs.values import named

SUBJECT = OnDemandSubject(
    name="a",
    inputs=(InputColumn(name="n", dtype="Int64"), InputColumn(name="x", dtype="Float64")),
    features=(FeatureSpec(view="a", name="y", dtype="Float64"),),
)


def test_constants_of_loaded_modules_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = examples_of(SUBJECT, [], count=300, seed=3)
    read: list[object] = []
    monkeypatch.setattr(providers, "constants_from_module", lambda module: read.append(module) or providers.Constants())
    (tmp_path / "loaded_beside.py").write_text("NUMBERS = [98765, 4321.5]\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("loaded_beside")
    cache = providers.CONSTANTS_CACHE
    assert repr(examples_of(SUBJECT, [], count=300, seed=3)) == repr(first)
    assert not read, "Hypothesis looked for constants in what is loaded"
    assert providers.CONSTANTS_CACHE is cache and "_local_constants" in vars(providers.HypothesisProvider)


def test_a_constant_that_the_column_cannot_hold_is_no_value_of_it() -> None:
    limits = (2**31, 2**31 - 1, -(2**31), 7)
    assert named(InputColumn(name="n", dtype="Int32", named=limits)) == [2**31 - 1, -(2**31), 7]
    assert named(InputColumn(name="n", dtype="Int64", named=limits)) == list(limits)
