"""Makes runs for the tests of the ledger; as a program, a process that writes them, or holds a ledger open."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from skewguard import ledger
from skewguard.errors import SkewguardError
from skewguard.model import FeatureResult, Mode, RunRecord, Verdict, ViewKind

ROOT = Path(__file__).parents[1]
START = datetime(2026, 11, 21, tzinfo=UTC)
AS_OF = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)


def run_id(number: int) -> str:
    return f"{START + timedelta(hours=number):%Y%m%dT%H%M%SZ}-{number:06x}"


def record(number: int, **facts: Any) -> RunRecord:
    """Run `number`: each starts an hour after the one before."""
    started = START + timedelta(hours=number)
    usual: dict[str, Any] = {
        "run_id": run_id(number),
        "command": "check",
        "mode": Mode.SANDBOX,
        "started_at": started,
        "finished_at": started + timedelta(seconds=3),
        "verdict": Verdict.FAIL,
        "repo": '/work/it\'s a "repo"',
        "project": "flights",
        "as_of": AS_OF,
        "seed": 7,
        "rows_requested": 2,
        "cells_requested": 4,
        "cells_compared": 4,
        "git_commit": None,
        "skewguard_version": "0.1.0",
        "feast_version": None,
        "duckdb_version": "2.0.0",
        "pandas_version": None,
        "python_version": "3.11.7",
        "config": {"sample": 1000, "excludes": ["a:b"]},
    }
    return RunRecord(**(usual | facts))


def features() -> tuple[FeatureResult, ...]:
    """One skewed feature and one whose name is trouble."""
    skewed = FeatureResult(
        feature="v:n",
        feature_view="v",
        name="n",
        view_kind=ViewKind.FEATURE_VIEW,
        dtype="Float64",
        requested=2,
        compared=2,
        matched=1,
        mismatched=1,
        skewed=1,
        skew_rate=0.5,
        skew_rate_upper=0.97,
        max_abs_error=float("inf"),
        max_freshness_lag=timedelta(hours=1, seconds=5),
        verdict=Verdict.FAIL,
        top_cause="unexplained",
        notes=("a note", "<b>'; drop table runs; --"),
        causes={"unexplained": 1},
    )
    fine = FeatureResult(feature='w:sel"ect', feature_view="w", name='sel"ect', view_kind=None, dtype="Int64")
    return skewed, fine


def entity_rows(count: int = 2) -> pa.Table:
    return pa.table(
        {
            "row_id": pa.array(range(count), pa.int64()),
            "entity": [json.dumps({"k": each}) for each in range(count)],
            "as_of": pa.array([AS_OF] * count),
        }
    )


def diffs(count: int = 1) -> pa.Table:
    """`count` mismatched cells of `v:n`; the columns that are left out are null."""
    return pa.table(
        {
            "row_id": pa.array(range(count), pa.int64()),
            "feature": ["v:n"] * count,
            "entity": [json.dumps({"k": each}) for each in range(count)],
            "as_of": pa.array([AS_OF] * count),
            "kind": ["mismatch"] * count,
            "skewed": [True] * count,
            "cause": ["unexplained"] * count,
            "blame": ["online"] * count,
            "offline_value": [str(each / 7) for each in range(count)],
            "online_value": [str(each / 9) for each in range(count)],
            "online_number": pa.array([each / 9 for each in range(count)], pa.float64()),
            "freshness_lag": pa.array([timedelta(seconds=90)] * count),
        }
    )


def write(path: Path, number: int, *, cells: int = 1, patience: float = 30.0, **facts: Any) -> None:
    ledger.write_run(
        path,
        run=record(number, **facts),
        features=features(),
        entity_rows=entity_rows(),
        diffs=diffs(cells),
        patience=patience,
    )


def whole_runs(path: Path, cells: int = 1) -> set[str]:
    """The runs in the ledger, each checked to be there whole."""
    parts = "select run_id, (select count(*) from {table} as part where part.run_id = runs.run_id) as found from runs"
    for table, expected in (("features", 2), ("entity_rows", 2), ("diffs", cells)):
        for row in ledger.query(path, parts.format(table=table)).to_pylist():
            assert row["found"] == expected, f"{table} of {row['run_id']}"
    runs = {row["run_id"] for row in ledger.query(path, "select run_id from runs").to_pylist()}
    for table in ("features", "entity_rows", "diffs"):
        strays = ledger.query(path, f"select count(*) as n from {table} where run_id not in (select run_id from runs)")
        assert strays.to_pylist() == [{"n": 0}]
    return runs


def process(*words: object) -> subprocess.Popen[str]:
    """This file as a program in a process of its own, started in the project's root."""
    return subprocess.Popen(
        [sys.executable, str(Path(__file__)), *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )


@contextmanager
def held(path: Path, *, writing: bool = True) -> Iterator[int]:
    """While it lasts, another process has the file open; its id."""
    holder = process("hold", path, "write" if writing else "read")
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n", holder.communicate()
    try:
        yield holder.pid
    finally:
        holder.kill()
        holder.communicate()


def main(job: str, path: str, *words: str) -> None:
    """`hold FILE read|write`, or `write FILE FIRST LAST CELLS PATIENCE`: says `begin N` and `done N` for each run."""
    if job == "hold":
        connection = duckdb.connect(path, read_only=words[0] == "read")
        print("open", flush=True)
        sys.stdin.read()
        connection.close()
        return
    first, last, cells, patience = (int(word) for word in words)
    for number in range(first, last):
        print(f"begin {number}", flush=True)
        try:
            write(Path(path), number, cells=cells, patience=patience)
        except SkewguardError as error:
            print(f"refused {number}: {error}", flush=True)
        else:
            print(f"done {number}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
