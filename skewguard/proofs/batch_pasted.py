"""A batch counterexample as a test: text that can be pasted into a file, run by pytest, and fails in the same way."""

from __future__ import annotations

import re

from skewguard.model import Law
from skewguard.proofs.batch_code import Tables
from skewguard.proofs.show import literal

TEMPLATE = """\
from datetime import UTC, date, datetime
from decimal import Decimal
from math import inf, nan

import skewguard


def test_{name}(tmp_path):
    # {says}
    events = {{
{events}
    }}
    result = skewguard.parity(
        {target!r},
        transform={transform!r},
        law={law!r},
        rows=events,
        db=tmp_path / "skewguard.duckdb",
    )
    assert result.exit_code == 0, result
"""


def batch_test_of(target: str, transform: str, law: Law, tables: Tables, says: str) -> str:
    """The text. `target` is what a call of `skewguard.parity` finds the transform in."""
    name = re.sub(r"\W+", "_", f"{transform.rpartition('.')[2]}_{law}").strip("_").lower()
    lines = []
    for table, rows in tables.items():
        lines += [f"        {table!r}: [", *(f"            {literal(dict(row))}," for row in rows), "        ],"]
    return TEMPLATE.format(
        name=name,
        says=" ".join(says.split())[:160],
        events="\n".join(lines),
        target=target,
        transform=transform,
        law=law.value,
    )
