"""What `compare`, `explain` and `report` leave for a machine where they could not answer: why, as JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path

import duckdb
import ledger_runs as given
import pytest
from building import run


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["compare", "latest~7", "latest"], "latest~7"),
        (["compare", "latest"], "RUN"),
        (["explain", "v:nobody"], "v:nobody"),
        (["explain", "v:n", "--run", "nosuch"], "nosuch"),
        (["explain", "v:n", "--runs", "x"], "--runs"),
        (["report", "nosuch"], "nosuch"),
        (["report", "latest", "latest"], "latest"),
    ],
)
def test_errors_are_json_too(tmp_path: Path, words: list[str], said: str) -> None:
    given.write(tmp_path / "skewguard.duckdb", 1)
    ran = run(*words, "--json", "-", cwd=tmp_path)
    assert ran.exit_code == 2 and ran.stderr.startswith("Error: ")
    answer = json.loads(ran.stdout)
    assert [answer[name] for name in ("schema_version", "command", "verdict", "exit_code")] == [1, words[0], "error", 2]
    [error] = answer["errors"]
    assert error["feature"] is None and said in error["message"]
    assert " ".join(error["message"].split()) in " ".join(ran.stderr.split())
    run(*words, "--json", "why.json", cwd=tmp_path)
    assert json.loads((tmp_path / "why.json").read_text()) == answer


def test_a_file_that_cannot_be_written_is_not_written(tmp_path: Path) -> None:
    given.write(tmp_path / "skewguard.duckdb", 1)
    ran = run("explain", "v:nobody", "--json", "no/such/folder.json", cwd=tmp_path)
    assert ran.exit_code == 2 and ran.stdout == "" and "Traceback" not in ran.stderr


REPORT, EXPLAIN = ("report", "--html", "r.html"), ("explain", "v:n")
COMPARE = ("compare", "latest", "latest")


@pytest.mark.parametrize(
    ("words", "change", "said"),
    [
        (REPORT, "drop view causes", "it has no view `causes`"),
        (EXPLAIN, "drop table features", "it has no table `features`"),
        (
            COMPARE,
            "create or replace table diffs as select * exclude (kind) from diffs",
            "`diffs` has no column `kind`",
        ),
        (COMPARE, "alter table features alter compared type varchar", "`features` is VARCHAR, not BIGINT"),
        (COMPARE, "update runs set mode = 'nope'", "has no mode in the column `mode` of the table `runs`"),
        (EXPLAIN, "update runs set verdict = null", "has a null in the column `verdict` of the table `runs`"),
        (
            REPORT,
            "update diffs set entity = '[1]'",
            "JSON that is no object in the column `entity` of the table `diffs`",
        ),
        (EXPLAIN, "update diffs set as_of = 'infinity'", "a time beyond those of Python in the column `as_of`"),
        (EXPLAIN, "update diffs set as_of = '0044-01-01 (BC)'", "a time beyond those of Python in the column `as_of`"),
        (EXPLAIN, "update diffs set freshness_lag = interval 90000000 months", "an interval beyond those of Python"),
        (REPORT, "update diffs set cause = null", "has a skewed cell without a cause"),
        (COMPARE, "insert into runs from runs", "is there 2 times"),
        (COMPARE, "update runs set started_at = null", "has a null in the column `started_at` of the table `runs`"),
        (("report",), "update features set skew_rate_upper = 'nan'", "has NaN in the column `skew_rate_upper`"),
        (("runs",), "alter table runs drop column repo", "its table `runs` has no column `repo`"),
        (("runs", "--keep", "0"), "drop table laws", "it has no table `laws`"),
        (("runs",), "update meta set schema_version = null", "its table `meta` has None for the version of its schema"),
    ],
)
def test_a_ledger_that_another_program_changed(tmp_path: Path, words: tuple[str, ...], change: str, said: str) -> None:
    given.write(tmp_path / "skewguard.duckdb", 1)
    with duckdb.connect(tmp_path / "skewguard.duckdb") as ledger:
        ledger.execute(change)
    ran = run(*words, cwd=tmp_path)
    assert ran.exit_code == 2 and ran.stderr.count("Error: ") == 1
    assert "skewguard.duckdb holds what skewguard does not write: " in ran.stderr and said in ran.stderr
    assert not (tmp_path / "r.html").exists() and not ran.stdout


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("create or replace table diffs as select * exclude (kind) from diffs", "`diffs` has no column `kind`"),
        ("drop table remarks", "it has no table `remarks`"),
        (
            "create or replace table meta as select * replace ('x' as schema_version) from meta",
            "has 'x' for the version",
        ),
    ],
)
def test_nothing_is_begun_that_a_changed_ledger_could_not_keep(tmp_path: Path, change: str, said: str) -> None:
    given.write(tmp_path / "skewguard.duckdb", 1)
    with duckdb.connect(tmp_path / "skewguard.duckdb") as ledger:
        ledger.execute(change)
    (tmp_path / "a.csv").write_text("k,x\n1,2\n")
    ran = run("diff", "a.csv", "a.csv", "--key", "k", cwd=tmp_path)
    assert ran.exit_code == 2 and said in ran.stderr and "defect" not in ran.stderr
    assert ran.stdout == "" and not list(tmp_path.glob(".skewguard*"))


def test_a_ledger_with_more_in_it_than_ours_is_as_good(tmp_path: Path) -> None:
    given.write(tmp_path / "skewguard.duckdb", 1)
    with duckdb.connect(tmp_path / "skewguard.duckdb") as ledger:
        for table in ("runs", "features", "entity_rows", "diffs", "remarks", "places"):
            ledger.execute(f"alter table {table} add column checked_by varchar")
        ledger.execute("create table mine as select 1 as one")
    given.write(tmp_path / "skewguard.duckdb", 2)
    assert [run(*words, cwd=tmp_path).exit_code for words in (COMPARE, EXPLAIN, ("report",))] == [0, 0, 0]


def test_a_pipe_is_no_ledger(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "skewguard.duckdb")
    assert "it is a pipe" in run("runs", cwd=tmp_path).stderr
