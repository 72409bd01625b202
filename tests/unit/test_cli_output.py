"""Where results go: the streams, the files, and that nothing is left half written."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from skewguard.cli import output
from skewguard.cli.forms import FORMS
from skewguard.cli.output import Outputs, put
from skewguard.errors.config import OutputUnwritable
from skewguard.model import Mode, Outcome


def outputs(**asked: Any) -> Outputs:
    quiet = asked.pop("quiet", False)
    return Outputs.of(asked, quiet=quiet)


def test_people_read_standard_output(red: Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    assert outputs().emit(red) == 1
    seen = capsys.readouterr()
    assert "FAIL  1 of 2" in seen.out
    assert seen.err == "Error in weather: The source file weather.parquet is missing.\n"


def test_with_json_on_standard_output_people_read_standard_error(
    red: Outcome, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outputs(json="-").emit(red) == 1
    seen = capsys.readouterr()
    assert json.loads(seen.out)["verdict"] == "fail"
    assert "FAIL  1 of 2" in seen.err


def test_a_json_file_is_whole_and_alone(green: Outcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "out.json"
    file.write_text("old", encoding="utf-8")
    assert outputs(json=str(file)).emit(green) == 0
    assert json.loads(file.read_text(encoding="utf-8"))["verdict"] == "pass"
    assert [each.name for each in tmp_path.iterdir()] == ["out.json"]
    assert "PASS" in capsys.readouterr().out
    assert stat.S_IMODE(file.stat().st_mode) & 0o400


def test_json_into_a_pipe(green: Outcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reading, writing = os.pipe()
    outputs(json=f"/dev/fd/{writing}").emit(green)
    os.close(writing)
    with os.fdopen(reading) as stream:
        assert json.loads(stream.read())["verdict"] == "pass"


def test_quiet_is_the_verdict_alone(red: Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    outputs(quiet=True).emit(red)
    assert capsys.readouterr().out.splitlines() == [
        "FAIL  1 of 2 features differ by more than their budget. (exit code 1)"
    ]


def test_what_cannot_be_written_is_said_before_any_work(tmp_path: Path) -> None:
    for file, why in ((tmp_path, "folder"), (tmp_path / "no" / "x.json", "does not exist")):
        with pytest.raises(OutputUnwritable, match=why):
            outputs(json=str(file)).verify()
    outputs(json=str(tmp_path / "x.json")).verify()
    outputs(json="-").verify()
    assert not list(tmp_path.iterdir())


def test_two_forms_in_one_place_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(output, "FORMS", {"json": FORMS["json"], "other": FORMS["json"]})
    for one, two in (("-", "-"), ("x", str(tmp_path / "x"))):
        with pytest.raises(OutputUnwritable, match="--json goes there too"):
            Outputs(files={"json": one, "other": two}).verify()
    Outputs(files={"json": "x", "other": "-"}).verify()
    Outputs(files={"json": "/dev/null", "other": "/dev/null"}).verify()


def test_an_unforeseen_error_is_in_the_json_and_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    with pytest.raises(ZeroDivisionError), outputs(json=str(file)).guarded(command="check", mode=Mode.LIVE):
        raise ZeroDivisionError("boom")
    assert json.loads(file.read_text())["errors"] == [{"feature": None, "message": "boom"}]


def test_a_reader_who_leaves_does_not_change_the_exit_code(red: Outcome, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w")
    monkeypatch.setattr(sys, "stdout", stream)
    assert outputs(quiet=True).emit(red) == 1
    stream.close()


def test_a_stream_that_knows_no_unicode_still_gets_the_report(red: Outcome) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    put(stream, "drôle · …\n")
    assert raw.getvalue() == b"dr\\xf4le \\xb7 \\u2026\n"


def test_colour_is_for_terminals(red: Outcome, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    for no_colour, term, coloured in (("", "xterm", True), ("1", "xterm", False), ("", "dumb", False)):
        monkeypatch.setenv("NO_COLOR", no_colour)
        monkeypatch.setenv("TERM", term)
        monkeypatch.setattr(sys, "stdout", stream := Terminal())
        outputs().emit(replace(red))
        assert ("\x1b[31;1m" in stream.getvalue()) is coloured
