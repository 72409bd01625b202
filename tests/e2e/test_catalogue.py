"""Transforms of the catalogue break exactly the laws of their labels: one of each sort, on one seed.

All of them, on many seeds, takes minutes each: scripts/catalogue.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from catalogue import catalogue

import skewguard

EXAMPLES = 40


@pytest.mark.slow
@pytest.mark.parametrize("part", catalogue.PARTS)
def test_each_breaks_its_laws_and_no_other(part: str, tmp_path: Path) -> None:
    labels = catalogue.chosen(part)
    repo = catalogue.lay_out(tmp_path / "catalogue", part)
    result = skewguard.parity(repo, transform=list(labels), seed=0, examples=EXAMPLES, db=tmp_path / "skewguard.duckdb")
    held = catalogue.held(result.outcome.laws, labels)
    assert not held.lines(), "\n".join(held.lines())
    assert held.exact
    assert held.bad >= 6
    assert held.good >= 4
    assert not result.outcome.errors
