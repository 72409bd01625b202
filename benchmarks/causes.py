"""What it costs to name causes, as a share of all else that a live check does.

    python benchmarks/causes.py [--rows 100000] [--folder FOLDER] [--rounds 3]

The source `wide` of make_tables.py (20 features of mixed types) is materialized by Feast into SQLite, and then changed:

    few            1 % of the entities have a newer event, which no window has, of which 5 features changed
    many           so many entities have one that 100,000 cells are skewed
    scaled         one number in the source is a hundredth of what it was: no event tells why, so all patterns are asked
    missing        nothing was ever materialized: every cell is skewed

Times are the check's own, as its progress lines tell them: `causes` is the stage of that name, `check` all the others,
Feast's import included. One run is one process; the median of the rounds is shown.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parent))
from check import measured, repo
from make_tables import SIZES, START_US, STEP_US

CHANGED = 5  # features that a newer event changes
MOST_SHARE, MOST_SECONDS = 0.5, 20.0
STAGE = re.compile(r"^\[(?P<at>[0-9.]+) s\] (?P<stage>[a-z ]+)")
CHANGES = {
    "late": """
        select * from source
        union all by name
        select * replace (
            event_timestamp + interval 1 hour as event_timestamp, created + interval 1 hour as created,
            f32_1 + 1 as f32_1, f64_1 + 1 as f64_1, i64_1 + 1 as i64_1, not flag_1 as flag_1, text || '?' as text
        )
        from source
        where entity_id <= $changed
        qualify row_number() over (partition by entity_id order by event_timestamp desc) = 1
    """,
    "scaled": "select * replace (f64_1 / 100 as f64_1) from source where $changed is not null",
    "missing": "select * from source where $changed is not null",
}


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Seconds of the stage that names causes and of all else, the skewed cells, and the most memory."""

    causes: float
    others: float
    cells: int
    megabytes: float


def change(folder: Path, place: Path, how: str, entities: int) -> None:
    """Changes the source of the deployed repo; the registry knows it by its path."""
    with duckdb.connect() as connection:
        connection.read_parquet(str(folder / "source_wide.parquet")).create_view("source")
        rows = connection.sql(CHANGES[how], params={"changed": entities})
        rows.write_parquet(str(place / "source.parquet"))


def deploy(folder: Path) -> Path:
    """Applied and materialized by plain Feast; the view reads a file in the repo's own folder."""
    place = repo(folder, "wide", "duckdb")
    definitions = place / "features.py"
    definitions.write_text(re.sub(r'path="?[^",]+"?', 'path=str(__import__("pathlib").Path.cwd() / "source.parquet")',
                                  definitions.read_text()))  # fmt: skip
    shutil.copy2(folder / "source_wide.parquet", place / "source.parquet")
    if not (place / "online.db").exists():
        until = START_US + SIZES["wide"][1] * STEP_US
        measured([str(Path(__file__).with_name("check.py")), "--alone", "plain", "1", str(until), ""], place)
    return place


def check(place: Path, rows: int) -> Cost:
    """One live check in a process of its own."""
    (place / "skewguard.duckdb").unlink(missing_ok=True)
    asked = ["check", "--live", "--sample", str(rows), "--exit-zero", "--json", "result.json"]
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen([sys.executable, "-m", "skewguard", *asked], cwd=place, stdout=told, stderr=told)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        said = told.read()
    return cost_of(place, said, used.ru_maxrss / 1024)


def cost_of(place: Path, said: str, megabytes: float) -> Cost:
    """From the progress lines of a check and its ledger."""
    if not (place / "skewguard.duckdb").exists():
        raise RuntimeError(said[-3000:])
    with duckdb.connect(str(place / "skewguard.duckdb"), read_only=True) as ledger:
        run = "select epoch(finished_at - started_at), (select sum(skewed) from features) from runs"
        whole, cells = ledger.sql(run).fetchall()[0]
    begun = [(found["stage"].strip(), float(found["at"])) for found in map(STAGE.match, said.splitlines()) if found]
    first = next(at for stage, at in begun if stage == "causes")
    after = next(at for stage, at in begun if at >= first and stage == "ledger")
    return Cost(causes=after - first, others=whole - (after - first), cells=int(cells), megabytes=megabytes)


def shown(name: str, costs: list[Cost]) -> Cost:
    """The median of some runs, and a line of it."""
    middle = sorted(costs, key=lambda cost: cost.causes)[len(costs) // 2]
    others = statistics.median(cost.others for cost in costs)
    share = middle.causes / others
    print(
        f"{name:<14}{middle.cells:>10,} cells  causes {middle.causes:6.1f} s  all else {others:6.1f} s"
        f"  share {share:5.2f}  {middle.megabytes:7,.0f} MB", flush=True,
    )  # fmt: skip
    return Cost(causes=middle.causes, others=others, cells=middle.cells, megabytes=middle.megabytes)


def main() -> int:
    """Fails where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=["few", "many", "scaled", "missing"], default=None)
    parser.add_argument("--folder", type=Path, help="where sources are kept; by default a folder that is removed")
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="skewguard-benchmark-"))
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Cost] = {}
    try:
        deployed = deploy(folder)
        for name, how, entities in (
            ("few", "late", asked.rows // 100),
            ("many", "late", 100_000 // CHANGED),
            ("scaled", "scaled", 0),
            ("missing", "missing", 0),
        ):
            if asked.only and name not in asked.only:
                continue
            change(folder, deployed, how, entities)
            if name == "missing":
                (deployed / "online.db").unlink()
            found[name] = shown(name, [check(deployed, asked.rows) for _ in range(asked.rounds)])
    finally:
        if asked.folder is None:
            shutil.rmtree(folder)
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    met = [cost.causes <= MOST_SHARE * cost.others for name, cost in found.items() if name == "few"]
    met += [cost.causes <= MOST_SECONDS for name, cost in found.items() if name == "many"]
    print("targets met" if all(met) else "targets MISSED")
    return int(not all(met))


if __name__ == "__main__":
    sys.exit(main())
