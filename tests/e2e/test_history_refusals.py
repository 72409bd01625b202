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


@pytest.mark.parametrize("change", ["drop view causes", "update runs set mode = 'nope'"])
def test_a_ledger_that_another_program_changed(tmp_path: Path, change: str) -> None:
    given.write(tmp_path / "skewguard.duckdb", 1)
    with duckdb.connect(tmp_path / "skewguard.duckdb") as ledger:
        ledger.execute(change)
    for words in (["report"], ["explain", "v:n"], ["compare", "latest", "latest"]):
        ran = run(*words, cwd=tmp_path)
        assert ran.exit_code == 2 and "holds what skewguard does not write" in ran.stderr
    assert run("sql", "select count(*) from runs", cwd=tmp_path).exit_code == 0


def test_a_pipe_is_no_ledger(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "skewguard.duckdb")
    assert "it is a pipe" in run("runs", cwd=tmp_path).stderr
