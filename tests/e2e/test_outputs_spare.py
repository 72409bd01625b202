"""Nothing that is written replaces a ledger, another database, or a table that is read; nor does a diff lose rows."""

from __future__ import annotations

from pathlib import Path

import duckdb
import ledger_runs as given
import pytest
from building import run

import skewguard
from skewguard import SkewguardError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_text("k,v\n1,1\n2,2\n")
    (tmp_path / "b.csv").write_text("k,v\n1,1\n2,3\n")
    given.write(tmp_path / "skewguard.duckdb", 1)
    given.write(tmp_path / "skewguard.duckdb", 2)
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ["diff", "a.csv", "b.csv", "--key", "k", "--json", "skewguard.duckdb"],
        ["diff", "a.csv", "b.csv", "--key", "k", "--html", "a.csv"],
        ["diff", "a.csv", "b.csv", "--key", "k", "--junit", "./b.csv"],
        ["diff", "a.csv", "skewguard.duckdb::runs", "--key", "k", "--db", "x", "--json", "skewguard.duckdb"],
        ["check", ".", "--json", "skewguard.duckdb"],
        ["check", ".", "--entities", "a.csv", "--markdown", "a.csv"],
        ["report", "--json", "skewguard.duckdb"],
        ["compare", "latest~1", "latest", "-o", "skewguard.duckdb"],
        ["explain", "v:n", "--json", "skewguard.duckdb"],
        ["sql", "from runs", "-o", "skewguard.duckdb"],
        ["sql", "from runs", "-o", "skewguard.duckdb", "--format", "parquet"],
        ["runs", "-o", "skewguard.duckdb"],
    ],
    ids=lambda words: " ".join(words[:1] + words[-2:]),
)  # fmt: skip
def test_what_holds_rows_is_not_written_over(folder: Path, words: list[str]) -> None:
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    ran = run(*words, cwd=folder)
    assert ran.exit_code == 2 and "cannot write" in ran.stderr
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == before


def test_a_new_ledger_is_not_written_over_either(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    ran = run("diff", "a.csv", "b.csv", "--key", "k", "--db", "new.duckdb", "--json", "new.duckdb", cwd=folder)
    assert ran.exit_code == 2 and "which would be lost" in ran.stderr
    assert run("runs", "--db", "new.duckdb", "--format", "csv", cwd=folder).stdout.count("diff") == 1
    with pytest.raises(SkewguardError, match="what is read here"):
        skewguard.diff("a.csv", "b.csv", key="k", json="a.csv")
    assert run("report", "latest", "--json", "old.json", cwd=folder).exit_code == 0
    assert run("report", "latest", "--json", "old.json", cwd=folder).exit_code == 0, "an earlier result is replaced"


def test_the_ledger_itself_is_compared_into_another(folder: Path) -> None:
    words = ("diff", "skewguard.duckdb::runs", "skewguard.duckdb::runs", "--key", "run_id")
    refused = run(*words, cwd=folder)
    assert refused.exit_code == 2 and "Name another ledger with --db" in refused.stderr
    assert run(*words, "--db", "other.duckdb", cwd=folder).exit_code == 0


def test_a_row_that_cannot_be_read_is_named(folder: Path) -> None:
    (folder / "broken.csv").write_text("k,,v\n1,2,3\n")
    (folder / "latin.csv").write_bytes(b"k,v\n1,caf\xe9\n")
    for file, said in (("broken.csv", "Could not convert string"), ("latin.csv", "not utf-8")):
        ran = run("diff", file, "b.csv", "--key", "k", cwd=folder)
        assert ran.exit_code == 2 and ran.stderr.splitlines()[-1].startswith("Error: ")
        assert said in ran.stderr and file in ran.stderr and "defect" not in ran.stderr and "Possible" not in ran.stderr


def test_times_that_no_microseconds_reach_are_refused(folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"k": [1], "v": pa.array([2**62], pa.timestamp("ms"))}), folder / "far.parquet")
    ran = run("diff", "far.parquet", "far.parquet", "--key", "k", cwd=folder)
    assert ran.exit_code == 2 and "Not all rows" in ran.stderr and "defect" not in ran.stderr
    with duckdb.connect(folder / "skewguard.duckdb", read_only=True) as ledger:
        assert ledger.sql("select count(*) from runs").fetchall() == [(2,)]
