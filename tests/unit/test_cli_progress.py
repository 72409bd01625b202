"""Progress: plain lines in a log, a live line on a terminal, and quiet where others chatter."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
import warnings

import pytest

from skewguard.cli.progress import Display, Lines, progress_on, watched
from skewguard.model import Stage
from skewguard.pipeline.progress import Progress, silent


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """A stream that takes itself for a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_log_gets_a_line_per_stage_and_one_once_in_a_while() -> None:
    stream, clock = io.StringIO(), Clock()
    progress = Lines(stream, clock)
    progress.stage(Stage.LOAD)
    clock.now += 0.5
    progress.stage(Stage.OFFLINE, "carrier", total=12)
    progress.advance()
    clock.now += 2.5
    progress.advance(2)
    progress.stage(Stage.OFFLINE, "route\x1b[2J", total=12)
    clock.now += 60
    progress.advance(1_000)
    progress.done()
    assert stream.getvalue().splitlines() == [
        "[0.0 s] load",
        "[0.5 s] offline: carrier: 0 of 12",
        "[3.0 s] offline: carrier: 3 of 12",
        "[63.0 s] offline: route\\x1b[2J: 1,000 of 12",
    ]


def test_what_is_told_is_shown_whole_and_at_once() -> None:
    stream, clock = io.StringIO(), Clock()
    progress = Lines(stream, clock)
    progress.stage(Stage.SAMPLE, "pull")
    progress.tell("pull \x1b[2J" + "trips " * 20)
    assert stream.getvalue().splitlines()[1] == "[0.0 s] pull \\x1b[2J" + "trips " * 20
    terminal = Terminal()
    display = Display(terminal)
    display.tell("about 12 rows [red]")
    display.done()
    assert "about 12 rows [red]" in terminal.getvalue()


def test_a_thousand_views_are_not_a_thousand_lines() -> None:
    stream, clock = io.StringIO(), Clock()
    progress = Lines(stream, clock)
    for view in range(1000):
        progress.stage(Stage.SOURCE, f"view{view}")
        clock.now += 0.01
    assert 5 <= len(stream.getvalue().splitlines()) <= 7


def test_a_terminal_gets_a_live_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CI", raising=False)
    stream = Terminal()
    progress = progress_on(stream, quiet=False)
    assert isinstance(progress, Display)
    progress.stage(Stage.ONLINE, "[bold]carrier", total=4)
    progress.advance(4)
    progress.done()
    assert "online: [bold]carrier" in stream.getvalue()
    assert "4/4" in stream.getvalue()
    progress.done()  # the pipeline and the command line both say so


def test_a_live_line_forgets_the_count_of_the_stage_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    progress = Display(stream)
    progress.stage(Stage.ONLINE, "carrier", total=4)
    progress.stage(Stage.LEDGER)
    progress.done()
    assert "0/?" in stream.getvalue().rpartition("ledger")[2]


def test_what_suits_a_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    assert progress_on(io.StringIO(), quiet=True) is silent
    assert isinstance(progress_on(io.StringIO(), quiet=False), Lines)


def chatter() -> None:
    print("to standard output")
    print("to standard error", file=sys.stderr)
    warnings.warn("a warning", UserWarning, stacklevel=1)
    logging.getLogger("feast.test").warning("a log line")


def test_chatter_is_silenced_and_progress_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    with watched(quiet=False) as progress:
        progress.stage(Stage.LOAD)
        chatter()
    seen = capsys.readouterr()
    assert seen.out == ""
    assert seen.err.endswith(" s] load\n")
    assert seen.err.count("\n") == 1


def test_what_other_processes_print_stays_out_of_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    with watched(quiet=True):
        subprocess.run([sys.executable, "-c", "print('from elsewhere')"], check=True)
        sys.stdout.buffer.write(b"raw")
    os.write(1, b"after\n")
    assert capfd.readouterr() == ("after\n", "")


def test_the_streams_come_back_after_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout, sys.stderr
    with pytest.raises(ZeroDivisionError), watched(quiet=False):
        raise ZeroDivisionError
    assert (sys.stdout, sys.stderr) == before


def test_progress_is_what_the_pipeline_takes() -> None:
    shown: Progress = Lines(io.StringIO())
    shown.stage(Stage.DIFF, "all", None)
    shown.advance()
    shown.done()
