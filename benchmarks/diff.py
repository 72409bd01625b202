"""The diff of two tables against the least that DuckDB must do for it, and against datacompy on polars.

    python benchmarks/diff.py [--rows 1000000] [--rounds 3] [--no-datacompy] [--folder DIR]

Two shuffled Parquet files of 20 features (float32/64, int64, bool, string, timestamp) and a key of 3 columns; in 5 of
the features 1 % of the cells differ, and all doubles carry noise below the tolerance. Each contestant runs in a process
of its own, in turns, so that a busy machine slows all alike; times exclude imports and include reading the files.
Processor time is printed beside the clock's: it is what to trust where the machine is shared.

`floor` joins and counts the rows with any difference, nothing else: no kinds, no cells, no check of the key.
`skewguard` is the whole command: key checked, every feature counted, every differing cell written to the ledger.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import duckdb

KEY = ("carrier", "flight", "day")
DOUBLES = [f"f64_{i}" for i in range(6)]
SINGLES = [f"f32_{i}" for i in range(5)]
WHOLES = [f"i64_{i}" for i in range(4)]
OTHERS = ["flag_0", "flag_1", "word_0", "word_1", "seen_at"]
FEATURES = [*DOUBLES, *SINGLES, *WHOLES, *OTHERS]
SKEWED = {"f64_0", "f64_3", "f32_1", "i64_2", "word_0"}
MOST_OF_FLOOR = 1.6


def value(name: str, seed: int) -> str:
    """The SQL of a feature's value in row `i`."""
    drawn = f"(hash(i * 131 + {seed}) % 1000003)"
    match name.split("_")[0]:
        case "f64":
            return f"{drawn}::double / 997"
        case "f32":
            return f"({drawn} / 997)::float"
        case "i64":
            return f"{drawn}::bigint"
        case "flag":
            return f"{drawn} % 2 = 0"
        case "word":
            return f"'word ' || ({drawn} % 5000)"
    return f"timestamp '2024-01-01' + to_seconds({drawn}::bigint)"


def changed(name: str, seed: int) -> str:
    """The same in the online table: noise in every double, and in skewed features another value in 1 % of the rows."""
    same = f"({value(name, seed)}) * (1 + 1e-12)" if name in DOUBLES else value(name, seed)
    if name not in SKEWED:
        return same
    other = f"'other ' || ({value(name, seed)})" if name.startswith("word") else f"({value(name, seed)}) + 1"
    return f"case when hash(i * 977 + {seed}) % 100 = 0 then {other} else {same} end"


def make(folder: Path, rows: int) -> None:
    """Write both files, each in an order of its own."""
    key = "'C' || (i % 16) as carrier, (i // 16 % 5000)::integer as flight, (i // 80000)::bigint as day"
    for side, of, order in (("offline", value, 3), ("online", changed, 7)):
        path = folder / f"{side}_{rows}.parquet"
        if path.exists():
            continue
        features = ", ".join(f"{of(name, seed)} as {name}" for seed, name in enumerate(FEATURES))
        with duckdb.connect(config={"temp_directory": str(folder / "spill")}) as connection:
            query = f"select {key}, {features} from range({rows}) t(i) order by hash(i * {order})"
            connection.execute(f"copy ({query}) to '{path}'")


def floor(offline: str, online: str) -> int:
    """Rows with any difference beyond tolerance."""
    differing = [f"not (o.{name} = n.{name} or abs(o.{name} - n.{name}) <= 1e-9 * abs(o.{name}))" for name in DOUBLES]
    differing += [f"not (o.{name} = n.{name} or abs(o.{name} - n.{name}) <= 1e-6 * abs(o.{name}))" for name in SINGLES]
    differing += [f"o.{name} is distinct from n.{name}" for name in (*WHOLES, *OTHERS)]
    query = (
        f"select count(*) from '{offline}' o join '{online}' n using ({', '.join(KEY)}) where {' or '.join(differing)}"
    )
    with duckdb.connect() as connection:
        return int(connection.execute(query).fetchall()[0][0])


def skewguard(offline: str, online: str) -> int:
    """Cells that differ, all of them in a ledger."""
    from skewguard.pipeline.table_options import table_options
    from skewguard.pipeline.tables import diff

    with tempfile.TemporaryDirectory() as folder:
        outcome = diff(table_options(offline, online, here=Path(folder), key=list(KEY)))
    return sum(feature.skewed for feature in outcome.features)


def datacompy(offline: str, online: str) -> int:
    """Cells that differ, by datacompy's comparison and the summary that it is asked for."""
    import polars
    from datacompy import PolarsCompare

    compared = PolarsCompare(
        polars.read_parquet(offline), polars.read_parquet(online), join_columns=list(KEY), abs_tol=0, rel_tol=1e-6
    )
    return sum(column["unequal_cnt"] for column in compared.column_stats)


CONTESTANTS: dict[str, Callable[[str, str], int]] = {"floor": floor, "skewguard": skewguard, "datacompy": datacompy}


def alone(name: str, offline: str, online: str) -> None:
    """Run one contestant in this process, and say how it went."""
    if name == "skewguard":
        import_module("skewguard.pipeline.table_options")
        import_module("skewguard.pipeline.tables")
        import_module("skewguard.comparison.tables")
        import_module("scipy.special")
        import_module("skewguard.ledger")
    if name == "datacompy":
        import_module("datacompy")
    began, worked = time.perf_counter(), time.process_time()
    found = CONTESTANTS[name](offline, online)
    seconds, processor = time.perf_counter() - began, time.process_time() - worked
    print(json.dumps([seconds, processor, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, found]))


def measured(name: str, offline: Path, online: Path) -> list[float]:
    """Seconds, seconds of processor time, peak memory in MB, and what was found, from a process of its own."""
    command = [sys.executable, __file__, "--alone", name, str(offline), str(online)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: list[float] = json.loads(ran.stdout.strip().splitlines()[-1])
    return answer


def main() -> int:
    """Print medians and ratios; fails where the diff costs more of the floor than it may."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-datacompy", action="store_true")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "skewguard-benchmark")
    parser.add_argument("--alone", nargs=3, metavar=("NAME", "OFFLINE", "ONLINE"))
    asked = parser.parse_args()
    if asked.alone:
        alone(*asked.alone)
        return 0
    asked.folder.mkdir(parents=True, exist_ok=True)
    make(asked.folder, asked.rows)
    offline, online = (asked.folder / f"{side}_{asked.rows}.parquet" for side in ("offline", "online"))
    names = [name for name in CONTESTANTS if name != "datacompy" or not asked.no_datacompy]
    taken: dict[str, list[list[float]]] = {name: [] for name in names}
    for _ in range(asked.rounds):
        for name in names:
            taken[name].append(measured(name, offline, online))
    medians = {
        name: [statistics.median(column) for column in zip(*rounds, strict=True)] for name, rounds in taken.items()
    }
    base = medians["floor"]
    print(f"{asked.rows:,} rows x {len(FEATURES)} features, medians of {asked.rounds}; ratios are to the floor")
    for name, (seconds, processor, megabytes, found) in medians.items():
        clock = f"{seconds:7.2f} s ({seconds / base[0]:5.2f} x)"
        work = f"{processor:7.2f} s of processor ({processor / base[1]:5.2f} x)"
        print(f"{name:<10}{clock}  {work}  {megabytes:8,.0f} MB  {found:,.0f} found")
    ratio = medians["skewguard"][0] / base[0]
    print(f"skewguard costs {ratio:.2f} x the floor (target: at most {MOST_OF_FLOOR:g} x)")
    return int(ratio > MOST_OF_FLOOR)


if __name__ == "__main__":
    sys.exit(main())
