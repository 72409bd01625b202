"""Holds `skewguard parity` against the catalogue of bad and good transforms: what it finds, over many seeds.

python scripts/catalogue.py --seeds 20
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "catalogue"))

import catalogue

import skewguard


def main() -> int:
    """Print the figures; 0 where every transform breaks its laws and no other, whatever the seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="so many seeds, from 0 on")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--examples", type=int, default=40, help="inputs per law")
    parser.add_argument("--transform", action="append", default=[], help="only this one; repeatable")
    asked = parser.parse_args()
    labels = catalogue.labels()
    labels = {name: laws for name, laws in labels.items() if not asked.transform or name in asked.transform}
    found = []
    with tempfile.TemporaryDirectory(prefix="skewguard-catalogue-") as name:
        repo = catalogue.lay_out(Path(name) / "catalogue")
        for seed in range(asked.first, asked.first + asked.seeds):
            started = time.monotonic()
            options = {"seed": seed, "examples": asked.examples, "db": Path(name) / "laws.duckdb"}
            result = skewguard.parity(repo, transform=asked.transform, **options)
            held = catalogue.held(result.outcome.laws, labels)
            found.append(held)
            print(f"seed {seed}: {_figures([held])}, {time.monotonic() - started:.0f} s", flush=True)
            for line in [*held.lines(), *(f"error: {each.feature}: {each.message}" for each in result.outcome.errors)]:
                print(f"  {line}", flush=True)
    print(f"{found[0].bad} bad and {found[0].good} good transforms, {len(found)} seeds: {_figures(found)}")
    return 0 if all(each.exact for each in found) else 1


def _figures(found: list[catalogue.Held]) -> str:
    missed = sum(len(each.missed) for each in found)
    labelled = sum(each.labelled for each in found)
    alarms = sum(len(each.alarms) for each in found)
    detected = f"{labelled - missed} of {labelled} broken laws detected ({(labelled - missed) / max(labelled, 1):.2%})"
    return f"{detected}, {alarms} false alarms"


if __name__ == "__main__":
    sys.exit(main())
