"""Transforms of the catalogue break exactly the laws of their labels: one of each sort, on one seed.

All of them, on many seeds, takes minutes each: scripts/catalogue.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from catalogue import catalogue

import skewguard

EXAMPLES = 20  # half of what a run tries: all are found on 20, all but one on 12


@pytest.mark.slow
def test_each_breaks_its_laws_and_no_other(tmp_path: Path) -> None:
    parts = [catalogue.chosen(part) for part in catalogue.PARTS]
    labels = {name: laws for part in parts for name, laws in part.items()}
    repo = catalogue.lay_out(tmp_path / "catalogue")
    result = skewguard.parity(repo, transform=list(labels), seed=0, examples=EXAMPLES, db=tmp_path / "skewguard.duckdb")
    held = catalogue.held(result.outcome.laws, labels)
    assert not held.lines(), "\n".join(held.lines())
    assert held.exact
    assert not result.outcome.errors
    assert all(sum(bool(laws) for laws in part.values()) >= 6 for part in parts)
    assert held.good >= 15
