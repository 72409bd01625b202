"""What is told to GitHub, where it runs there, and to nobody else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from skewguard.cli.output import Outputs
from skewguard.model import Outcome, Place
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
