"""Notes down what a test seeded and what was named, for the matrix of `scripts/confusion.py`, and has it proved."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from building import Checked
from proving import prove

SWITCH = "SKEWGUARD_CONFUSION"


def note(checked: Checked, seeded: Mapping[str, Mapping[str, int]]) -> None:
    """`seeded`: by feature, the cells of each cause; a feature that is not in it was seeded none.

    Writes a line for each feature to the file that the environment names, if it names one: what was seeded and named.
    In any case, the SQL that `explain` prints must prove the cells of every cause that was named.
    """
    assert checked.ledger is not None, checked.stderr
    prove(checked, checked.ledger)
    if SWITCH not in os.environ:
        return
    test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]
    with Path(os.environ[SWITCH]).open("a", encoding="utf-8") as told:
        for each in checked.result["features"]:
            line = {"test": test, "seeded": dict(seeded.get(each["feature"], {})), "named": each["causes"]}
            told.write(json.dumps(line) + "\n")
