"""The files of a result are written from Python as from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from building import run

import skewguard
from skewguard import SkewguardError

FORMS = ("json", "html", "junit", "markdown", "sarif", "metrics")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("k,v\n1,1\n2,2\n")
    (tmp_path / "b.csv").write_text("k,v\n1,1\n2,3\n")
    return tmp_path


def test_a_call_writes_what_the_command_writes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = skewguard.diff("a.csv", "b.csv", key="k", **{form: Path(f"called.{form}") for form in FORMS})
    assert capsys.readouterr() == ("", "")
    again = [word for form in FORMS for word in (f"--{form}", f"typed.{form}")]
    assert run("report", result.run_id, *again, cwd=folder).exit_code == 0
    for form in FORMS:
        called = (folder / f"called.{form}").read_text()
        assert called == (folder / f"typed.{form}").read_text() and called
    skewguard.diff("a.csv", "b.csv", key="k", json="-")
    assert json.loads(capsys.readouterr().out)["verdict"] == "fail"


def test_an_error_is_written_in_the_place_of_a_result(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refusing = {
        "check": lambda: skewguard.check("nowhere", live=True, json="why.json", junit="why.xml"),
        "diff": lambda: skewguard.diff("a.csv", "c.csv", key="k", json="why.json", junit="why.xml"),
        "parity": lambda: skewguard.parity("nowhere", json="why.json", junit="why.xml"),
    }
    for command, refused in refusing.items():
        with pytest.raises(SkewguardError) as raised:
            refused()
        found = json.loads((folder / "why.json").read_text())
        assert (found["command"], found["exit_code"], found["errors"][0]["message"]) == (command, 2, str(raised.value))
        assert found["mode"] == {"check": "live", "diff": "tables", "parity": "transforms"}[command]
        assert "<error" in (folder / "why.xml").read_text()
        (folder / "why.json").unlink()
    assert capsys.readouterr() == ("", "")


def test_what_cannot_be_written_is_said_before_any_work(folder: Path) -> None:
    for given, said in (
        (str(folder), "it is a folder"),
        ("no/x.json", "does not exist"),
        (True, "a file"),
        (7, "a file"),
    ):
        with pytest.raises(SkewguardError, match=said):
            skewguard.diff("a.csv", "b.csv", key="k", json=given)
    with pytest.raises(SkewguardError, match="goes there too"):
        skewguard.diff("a.csv", "b.csv", key="k", json="x", html="x")
    assert sorted(each.name for each in folder.iterdir()) == ["a.csv", "b.csv"]
