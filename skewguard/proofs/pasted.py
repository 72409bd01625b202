"""A counterexample as a test: text that can be pasted into a file, run by pytest, and fails in the same way."""

from __future__ import annotations

import re

from skewguard.model import Law
from skewguard.proofs.laws.rule import Rows
from skewguard.proofs.show import literal

TEMPLATE = """\
from datetime import UTC, datetime
from math import inf, nan

import skewguard


def test_{name}(tmp_path):
    # {says}
    rows = [
{rows}
    ]
    result = skewguard.parity(
        {target!r},
        transform={transform!r},
        law={law!r},
        rows=rows,
        db=tmp_path / "skewguard.duckdb",
    )
    assert result.exit_code == 0, result
"""


def pasted_test(target: str, transform: str, law: Law, rows: Rows, says: str) -> str:
    """The text. `target` is what a call of `skewguard.parity` finds the transform in."""
    name = re.sub(r"\W+", "_", f"{transform.rpartition('.')[2]}_{law}").strip("_").lower()
    return TEMPLATE.format(
        name=name,
        says=" ".join(says.split())[:160],
        rows="\n".join(f"        {literal(dict(row))}," for row in rows),
        target=target,
        transform=transform,
        law=law.value,
    )
