"""The matrix of causes seeded and named shows what is wrong, silent, missed and made up."""

from __future__ import annotations

import runpy
from pathlib import Path

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "confusion.py"))


def test_cells_are_paired_as_alike_as_their_counts_allow() -> None:
    pairs = SCRIPT["paired"]({"stale_online": 3, "tie_break": 1}, {"stale_online": 2, "unexplained": 1, "precision": 2})
    assert pairs == {
        ("stale_online", "stale_online"): 2,
        ("stale_online", "unexplained"): 1,
        ("tie_break", "precision"): 1,
        ("(nothing)", "precision"): 1,
    }
    assert SCRIPT["paired"]({"stale_online": 1}, {}) == {("stale_online", "(nothing)"): 1}


def test_the_matrix_counts_right_silent_and_wrong() -> None:
    lines = [
        {"seeded": {"stale_online": 3}, "named": {"stale_online": 2, "unexplained": 1}},
        {"seeded": {}, "named": {"precision": 1}},
        {"seeded": {"tie_break": 0}, "named": {}},
    ]
    shown = list(SCRIPT["matrix"](lines))
    assert shown[0].split() == ["24", "26", "38", "39"]
    assert shown[1].split() == ["24", "stale_online", "2", "·", "1", "·"]
    assert "2 of 4 cells named for what they are, 1 left unexplained, 1 wrong;" in shown
    assert "1 of 2 features that were seeded nothing stayed green." in shown
    assert any(line.startswith("Never seeded: nondeterministic, ") for line in shown)
