"""`skewguard sql` and `skewguard runs` as a person or a script runs them."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import duckdb
import ledger_runs as given
import pyarrow.parquet as pq
import pytest

from skewguard.cli.edge import outcome


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    given.write(tmp_path / "skewguard.duckdb", 1, cells=2)
    given.write(tmp_path / "skewguard.duckdb", 2)
    return tmp_path


class Ran(NamedTuple):
    """What a command said, and its exit code."""

    returncode: int
    stdout: bytes
    stderr: bytes


def skewguard(folder: Path, *words: str, fresh: bool = False) -> Ran:
    """In this process, as the command line runs it; or `fresh` in one of its own."""
    if fresh:
        environment = {**os.environ, "PYTHONPATH": str(given.ROOT)}
        command = [sys.executable, "-m", "skewguard", *words]
        ran = subprocess.run(command, cwd=folder, capture_output=True, env=environment, check=False)
        return Ran(ran.returncode, ran.stdout, ran.stderr)
    stdout, stderr = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with contextlib.chdir(folder), contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        code = outcome(list(words))
    said, warned = (stream.buffer.getvalue() for stream in (stdout, stderr))  # type: ignore[attr-defined]
    return Ran(code, said, warned)


def answered(folder: Path, *words: str, fresh: bool = False) -> bytes:
    run = skewguard(folder, *words, fresh=fresh)
    assert (run.returncode, run.stderr) == (0, b"")
    return run.stdout


def refused(folder: Path, *words: str, fresh: bool = False) -> str:
    """The one paragraph on standard error of a command that exits 2 and prints nothing else."""
    run = skewguard(folder, *words, fresh=fresh)
    assert (run.returncode, run.stdout) == (2, b"")
    said = run.stderr.decode()
    assert said.startswith("Error: ")
    assert "Traceback" not in said
    return said


def test_sql_answers_in_each_form(folder: Path) -> None:
    query = "select feature, count(*) as cells from diffs group by feature"
    assert answered(folder, "sql", query).decode().split() == ["feature", "cells", "───────", "─────", "v:n", "3"]
    assert json.loads(answered(folder, "sql", query, "--format", "json")) == [{"feature": "v:n", "cells": 3}]
    assert answered(folder, "sql", "--format", "csv", query) == b"feature,cells\nv:n,3\n"
    (folder / "piped.parquet").write_bytes(answered(folder, "sql", "--format", "parquet", query, fresh=True))
    assert pq.read_table(folder / "piped.parquet").to_pylist() == [{"feature": "v:n", "cells": 3}]
    assert answered(folder, "sql", "--format", "parquet", "-o", "x.parquet", query) == b""
    assert pq.read_table(folder / "x.parquet").to_pylist() == [{"feature": "v:n", "cells": 3}]


@pytest.mark.parametrize("comment", ["-- why\n", "--why, what\n-- and = so\n", "--\n"])
def test_a_statement_that_begins_with_a_comment_is_no_option(folder: Path, comment: str) -> None:
    query = f"{comment}select 7 as a"
    assert answered(folder, "sql", query, "--format", "csv") == b"a\n7\n"
    assert answered(folder, "sql", "--format", "csv", query) == b"a\n7\n"
    assert answered(folder, "sql", "--format=csv", "--", query) == b"a\n7\n"


def test_words_that_are_options_stay_options(folder: Path) -> None:
    assert "no option '--fromat'" in refused(folder, "sql", "select 1", "--fromat", "csv")
    answered(folder, "sql", "select 1", "-o", "-- x\ny")
    assert (folder / "-- x\ny").exists()
    answered(folder, "sql", "select 1", "--output=a\nb")
    assert (folder / "a\nb").exists()
    assert "it is empty" in refused(folder, "sql", "-- nothing but a comment")


def test_sql_reads_its_query_from_standard_input(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("select 'é' as a\n"))
    assert answered(folder, "sql", "-", "--format", "csv") == "a\né\n".encode()


def test_sql_finds_the_ledger_that_pyproject_names(folder: Path) -> None:
    (folder / "deep").mkdir()
    (folder / "skewguard.duckdb").rename(folder / "deep" / "runs.db")
    (folder / "pyproject.toml").write_text('[tool.skewguard]\ndb = "deep/runs.db"\n')
    assert json.loads(answered(folder, "sql", "select count(*) as n from runs", "--format", "json")) == [{"n": 2}]
    (folder / "pyproject.toml").unlink()
    db = ("--db", "deep/runs.db")
    assert json.loads(answered(folder, "runs", "--format", "json", *db))[0]["run_id"] == given.run_id(2)


def test_sql_never_makes_a_ledger(tmp_path: Path) -> None:
    assert "Run `skewguard check`" in refused(tmp_path, "sql", "select 1")
    assert "There is no ledger" in refused(tmp_path, "runs")
    assert "There is no ledger" in refused(tmp_path, "runs", "--keep", "1")
    assert list(tmp_path.iterdir()) == []


def test_sql_refuses_with_one_paragraph(folder: Path) -> None:
    before = (folder / "skewguard.duckdb").read_bytes()
    assert "it would change something" in refused(folder, "sql", "delete from runs", fresh=True)
    assert "2 statements" in refused(folder, "sql", "select 1; select 2")
    assert "no table 'dif'" in refused(folder, "sql", "from dif")
    assert "Columns of runs: run_id" in refused(folder, "sql", "select nope from runs")
    assert "file system operations are disabled" in refused(folder, "sql", "from read_text('/etc/hostname')")
    assert "`--format` of `skewguard sql` cannot be used" in refused(folder, "sql", "select 1", "--format", "xml")
    assert "`skewguard sql` needs QUERY." in refused(folder, "sql")
    assert (folder / "skewguard.duckdb").read_bytes() == before


def test_an_output_that_cannot_be_written_is_said(folder: Path) -> None:
    assert "cannot write no/such/file" in refused(folder, "sql", "select 1", "-o", "no/such/file")
    assert "cannot write ." in refused(folder, "sql", "select 1", "-o", ".")


def test_another_programs_file_is_refused_and_kept(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "mine.duckdb")) as connection:
        connection.execute("create table orders (id integer)")
    before = (tmp_path / "mine.duckdb").read_bytes()
    assert "another program" in refused(tmp_path, "sql", "from orders", "--db", "mine.duckdb")
    assert "another program" in refused(tmp_path, "runs", "--keep", "0", "--db", "mine.duckdb")
    assert (tmp_path / "mine.duckdb").read_bytes() == before


def test_runs_lists_and_keeps(folder: Path) -> None:
    listed = list(
        csv.DictReader(io.StringIO(answered(folder, "runs", "--format", "csv", fresh=True).decode(), newline=""))
    )
    assert [row["run_id"] for row in listed] == [given.run_id(2), given.run_id(1)]
    assert listed[0]["verdict"] == "fail"
    kept = skewguard(folder, "runs", "--keep", "1", "--format", "json")
    assert (kept.returncode, kept.stderr) == (0, b"Dropped 1 run.\n")
    assert [row["run_id"] for row in json.loads(kept.stdout)] == [given.run_id(2)]
    for keep in ("-1", "x", "1.5", str(2**63)):
        assert f"Option `--keep` is '{keep}': a whole number from 0 up " in refused(folder, "runs", "--keep", keep)


def test_a_dash_is_standard_output(folder: Path) -> None:
    assert answered(folder, "sql", "select 1 as one", "--format", "csv", "-o", "-") == b"one\n1\n"
    assert b"v:n" in answered(folder, "explain", "v:n", "--output", "-")
    assert not (folder / "-").exists()


def test_a_reader_who_has_seen_enough_is_no_error(folder: Path) -> None:
    query = "select range as n, repeat('x', 100) as x from range(200000)"
    for form in ("table", "csv", "json"):
        command = [sys.executable, "-m", "skewguard", "sql", query, "--format", form]
        run = subprocess.Popen(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(given.ROOT)},
        )
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.read(100)
        run.stdout.close()
        assert run.stderr.read() == b""
        assert run.wait() == 0


def test_a_terminal_gets_what_fits_and_no_binary(folder: Path) -> None:
    def on_terminal(*words: str) -> tuple[int, str]:
        leader, follower = pty.openpty()
        command = [sys.executable, "-m", "skewguard", *words]
        environment = {**os.environ, "PYTHONPATH": str(given.ROOT), "COLUMNS": "80"}
        run = subprocess.Popen(command, cwd=folder, stdout=follower, stderr=follower, env=environment)
        os.close(follower)
        said = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:
                break
            if not piece:
                break
            said += piece
        os.close(leader)
        return run.wait(), said.decode()

    code, said = on_terminal("runs")
    assert code == 0
    assert max(map(len, said.splitlines())) <= 80
    assert given.run_id(2) in said
    assert "(2 rows)" in said
    code, said = on_terminal("sql", "from runs", "--format", "parquet")
    assert code == 2
    assert "Add -o FILE" in said
