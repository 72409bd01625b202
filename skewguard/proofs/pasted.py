"""A counterexample as a test: text that can be pasted into a file, run by pytest, and fails in the same way."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from skewguard.model import Law
from skewguard.proofs.batch_code import Tables
from skewguard.proofs.laws.rule import Rows
from skewguard.proofs.show import literal

TEMPLATE = """\
from datetime import UTC, date, datetime
from decimal import Decimal
from math import inf, nan

import skewguard


def test_{name}(tmp_path):
    # {says}
    {noun} = {given}
    result = skewguard.parity(
        {target!r},
        transform={transform!r},
        law={law!r},
        rows={noun},
        db=tmp_path / "skewguard.duckdb",
    )
    assert result.exit_code == 0, result
"""


def pasted_test(target: str, transform: str, law: Law, rows: Rows, says: str) -> str:
    """The text. `target` is what a call of `skewguard.parity` finds the transform in."""
    return _test(target, transform, law, "rows", f"[\n{_lines(rows, 8)}\n    ]", says)


def batch_test_of(target: str, transform: str, law: Law, tables: Tables, says: str) -> str:
    """The same for a batch transform, which is given its event tables by name."""
    listed = "\n".join(f"        {table!r}: [\n{_lines(rows, 12)}\n        ]," for table, rows in tables.items())
    return _test(target, transform, law, "events", f"{{\n{listed}\n    }}", says)


def _lines(rows: Sequence[Mapping[str, Any]], indent: int) -> str:
    return "\n".join(f"{' ' * indent}{literal(dict(row))}," for row in rows)


def _test(target: str, transform: str, law: Law, noun: str, given: str, says: str) -> str:
    name = re.sub(r"\W+", "_", f"{transform.rpartition('.')[2]}_{law}").strip("_").lower()
    said = " ".join(says.split())[:160]
    return TEMPLATE.format(
        name=name, says=said, noun=noun, given=given, target=target, transform=transform, law=law.value
    )
