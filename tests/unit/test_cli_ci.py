"""What is told to GitHub, where it runs there, and to nobody else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from skewguard.cli.forms import FORMS
from skewguard.cli.output import Outputs
from skewguard.errors import SkewguardError
from skewguard.errors.config import OutputUnwritable
from skewguard.model import Mode, Outcome, Place
from skewguard.report import markdown


@pytest.fixture
def placed(red: Outcome) -> Outcome:
    return replace(red, places=(Place(feature_view="carrier", file="transforms/carriers.py", line=7),))


def test_outside_github_nothing_is_told(placed: Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    Outputs(files={}).emit(placed)
    assert "::" not in capsys.readouterr().out


def test_annotations_go_where_people_read(
    placed: Outcome, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for files, stream in (({}, "out"), ({"json": "-"}, "err")):
        Outputs(files=files, quiet=True).emit(placed)
        said = getattr(capsys.readouterr(), stream).splitlines()
        assert (
            "::error file=transforms/carriers.py,line=7,title=skewguard%3A Skew%3A unexplained::carrier:late"
            in "".join(said)
        )
    Outputs(files={}).emit(placed, anew=False)
    assert "::error" not in capsys.readouterr().out, "a stored run was told of when it was made"


def test_the_summary_is_appended_to(placed: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "summary.md"
    file.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    assert Outputs(files={}).emit(placed) == 1
    Outputs(files={}).emit(placed, anew=False)
    assert file.read_text(encoding="utf-8") == "before\n" + markdown.text(placed) + "\n"


def test_a_summary_that_cannot_be_written_changes_nothing(
    placed: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no" / "summary.md"))
    assert Outputs(files={}).emit(placed) == 1
    assert "GITHUB_STEP_SUMMARY names" in capsys.readouterr().err


def test_an_error_takes_the_place_of_an_earlier_result_in_every_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {name: str(tmp_path / name) for name, form in FORMS.items() if form.of_errors or name == "json"}
    assert files.keys() >= {"json", "junit", "sarif", "markdown", "metrics"}
    for file in files.values():
        Path(file).write_text("an earlier result", encoding="utf-8")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    with pytest.raises(BadRepo), Outputs(files=files).guarded(command="check", mode=Mode.LIVE):
        raise BadRepo("The repo is <unreadable>.")
    said = {name: Path(file).read_text(encoding="utf-8") for name, file in files.items()}
    for name in ("json", "junit", "sarif", "markdown"):
        assert "unreadable" in said[name], name
    assert '<testsuite name="skewguard check"' in said["junit"]
    assert 'errors="1"' in said["junit"]
    log = json.loads(said["sarif"])
    assert not log["runs"][0]["invocations"][0]["executionSuccessful"]
    assert log["runs"][0]["results"][0]["ruleId"] == "could_not_compare"
    assert 'skewguard_run_exit_code{project="",mode="live"} 2.0' in said["metrics"]
    assert (tmp_path / "summary").read_text(encoding="utf-8").startswith("## 🛑 skewguard: error")
    assert "::error title=skewguard" in capsys.readouterr().out


def test_where_files_would_overwrite_each_other_none_is_written(tmp_path: Path) -> None:
    file = tmp_path / "out"
    outputs = Outputs(files={"json": str(file), "junit": str(file)})
    with (
        pytest.raises(OutputUnwritable, match="--json goes there too"),
        outputs.guarded(command="check", mode=Mode.LIVE),
    ):
        raise AssertionError("not reached")
    assert not file.exists()


class BadRepo(SkewguardError):
    pass
