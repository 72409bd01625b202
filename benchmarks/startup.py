"""Start-up: the commands that need no store against `python -c "import click"`, as medians in one run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 15
MOST = 3.0
BASE = ("import click", [sys.executable, "-c", "import click"])
MEASURED = (
    ("skewguard --help", [sys.executable, "-m", "skewguard", "--help"]),
    ("skewguard --version", [sys.executable, "-m", "skewguard", "--version"]),
    ("skewguard check --help", [sys.executable, "-m", "skewguard", "check", "--help"]),
    ("import skewguard", [sys.executable, "-c", "import skewguard"]),
)


def seconds(command: list[str]) -> float:
    """How long one process takes."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> int:
    """Interleaved, so that a busy machine slows all alike; fails where a ratio is over the target."""
    commands = (BASE, *MEASURED)
    taken: dict[str, list[float]] = {name: [] for name, _ in commands}
    for _ in range(ROUNDS):
        for name, command in commands:
            taken[name].append(seconds(command))
    medians = {name: statistics.median(each) for name, each in taken.items()}
    base = medians[BASE[0]]
    for name, median in medians.items():
        print(f"{name:<24} {median * 1000:6.0f} ms  {median / base:4.1f} x (target: at most {MOST:g} x)")
    return int(any(median / base > MOST for median in medians.values()))


if __name__ == "__main__":
    sys.exit(main())
