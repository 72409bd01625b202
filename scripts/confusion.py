"""Plays every seeded fault of the tests, and prints how many cells of each cause were named for what they are.

    python scripts/confusion.py [PYTEST OPTIONS]        # for example -n 2, or -k duckdb

A row is a cause that was seeded, by the real thing in a real Feast repo; a column is a cause that was named, by its
number. What is not on the diagonal is a wrong answer, but for `unexplained`, which is none. The tests fail on either.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from skewguard.vocabulary import Cause

ROOT = Path(__file__).resolve().parents[1]
FAULTS = "test_causes_*_faults.py"
SWITCH = "SKEWGUARD_CONFUSION"
NONE = "(nothing)"  # seeded: a near-miss that must stay green; named: a skewed cell that was taken for a match

Cells = Counter[tuple[str, str]]


def main(options: list[str]) -> int:
    """The exit code is that of the tests."""
    faults = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "e2e").glob(FAULTS))
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.jsonl"
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--no-header", *faults, *options],
            cwd=ROOT, env={**os.environ, SWITCH: str(told)}, check=False, stdout=sys.stderr,
        )  # fmt: skip
        lines = [json.loads(line) for line in told.read_text(encoding="utf-8").splitlines()] if told.exists() else []
    if not lines:
        print("no test noted what it seeded", file=sys.stderr)
        return ran.returncode or 1
    print("\n".join(matrix(lines)))
    return ran.returncode


def matrix(lines: Iterable[Mapping[str, Mapping[str, int]]]) -> Iterator[str]:
    """Rows are causes seeded, columns causes named, in the order of INTERFACE.md; columns go by their number."""
    cells: Cells = Counter()
    sound = green = 0
    for line in lines:
        cells.update(paired(line["seeded"], line["named"]))
        sound += not any(line["seeded"].values())
        green += not any(line["seeded"].values()) and not line["named"]
    order = [str(cause) for cause in Cause] + [NONE]
    there = [name for name in order if any(name in pair for pair in cells)]
    width = max(map(len, there)) + 4
    yield " " * width + "".join(f"{order.index(name) + 1:>5}" for name in there)
    for name in there:
        counts = [cells[name, other] for other in there]
        yield f"{order.index(name) + 1:>2}  {name}".ljust(width) + "".join(f"{count or '·':>5}" for count in counts)
    right = sum(count for (seeded, named), count in cells.items() if seeded == named)
    silent = sum(count for (seeded, named), count in cells.items() if seeded != named == Cause.UNEXPLAINED)
    total = sum(cells.values())
    wrong = total - right - silent
    yield ""
    yield f"{right:,} of {total:,} cells named for what they are, {silent:,} left unexplained, {wrong:,} wrong;"
    yield f"{green:,} of {sound:,} features that were seeded nothing stayed green."
    unseeded = [str(cause) for cause in Cause if not any(seeded == cause for seeded, _ in cells)]
    if unseeded:
        yield f"Never seeded: {', '.join(unseeded)}."


def paired(seeded: Mapping[str, int], named: Mapping[str, int]) -> Cells:
    """Cells of one feature by (cause seeded, cause named), as alike as the counts allow."""
    left, found = Counter(seeded), Counter(named)
    pairs: Cells = Counter({(cause, cause): count for cause, count in (left & found).items()})
    left, found = left - found, found - left
    seeded_cells, named_cells = list(left.elements()), list(found.elements())
    longest = max(len(seeded_cells), len(named_cells))
    for cells in (seeded_cells, named_cells):
        cells.extend([NONE] * (longest - len(cells)))
    pairs.update(zip(seeded_cells, named_cells, strict=True))
    return pairs


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
