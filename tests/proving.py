"""Runs the SQL that `skewguard explain` prints: it must show every cell that a cause claims, each passing its test."""

from __future__ import annotations

import shlex
from pathlib import Path

from building import Checked

from skewguard import ledger
from skewguard.model import Cause
from skewguard.pipeline.history import explained
from skewguard.report.explained import text

SHOWN = 1000  # of more cells the proof shows so many, and counts all


def prove(checked: Checked, path: Path) -> None:
    """Of each skewed feature of a run in the ledger at `path`, as printed: the command line's last word is the SQL."""
    run_id = checked.result["run_id"]
    skewed = [each for each in checked.result["features"] if each["causes"]]
    if not skewed:
        return
    with ledger.open_ledger(path) as connection:
        for each in skewed:
            explanation = explained(connection, each["feature"], run=run_id, db=path)
            assert {found.cause: found.cells for found in explanation.causes} == each["causes"]
            printed = [line for line in text(explanation).splitlines() if line.startswith("    skewguard sql ")]
            lines = [shlex.split(line) for line in printed]
            assert len(lines) == len(explanation.causes)
            for found, line in zip(explanation.causes, lines, strict=True):
                shown = ledger.ask(connection, line[-1]).to_pylist()
                said = f"{each['feature']}: {found.cause} of {found.cells} cells; {shown[:1]}"
                assert len(shown) == min(found.cells, SHOWN), said
                assert {row["cells"] for row in shown} == {found.cells}, said
                if found.cause != Cause.UNEXPLAINED:
                    unproved = [row for row in shown if row["proved"] is not True]
                    assert not unproved, f"{said} not proved: {unproved[:1]}"
