"""The edge: what is printed where, and the exit code, as a shell sees them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from skewguard import __version__
from skewguard.cli.edge import outcome


def run(folder: Path, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "skewguard", *args],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )


def test_help_and_version(tmp_path: Path) -> None:
    said = run(tmp_path, "--version")
    assert (said.returncode, said.stdout) == (0, f"skewguard, version {__version__}\n")
    helped = run(tmp_path, "-h")
    assert helped.returncode == 0
    for command in ("check", "diff", "build", "sql", "runs"):
        assert f"\n  {command} " in helped.stdout


def test_no_command_is_helped(tmp_path: Path) -> None:
    said = run(tmp_path)
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.startswith("Usage: skewguard [OPTIONS] COMMAND")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["chek"], "skewguard has no command 'chek'. Known names near it: check"),
        (["check", "--sampel", "3"], "`skewguard check` has no option '--sampel'. Known names near it: --sample"),
        (["check", "--as_of=now"], "no option '--as_of'. Known names near it: --as-of"),
        (["check", "-z"], "`skewguard check` has no option '-z'."),
        (["check", "--sample"], "Option `--sample` of `skewguard check` has no value. `skewguard check --help`"),
        (["check", "--live=yes"], "`skewguard check`: Option '--live' does not take a value."),
        (["check", "a", "b"], "unexpected extra argument (b). Usage: skewguard check [OPTIONS] [REPO]."),
        (["diff", "a"], "`skewguard diff` needs ONLINE. Usage: skewguard diff [OPTIONS] OFFLINE ONLINE."),
        (["sql", "--format", "xml", "from runs"], "'xml' is not one of 'table', 'csv', 'json', 'parquet'."),
        (["--nothing"], "`skewguard` has no option '--nothing'. "),
    ],
)
def test_bad_usage_is_one_paragraph_and_exit_2(
    tmp_path: Path, args: list[str], says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert outcome(args) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("Error: ")
    assert says in said.err
    assert said.err.count("\n") == 1
    assert "--help` explains it." in said.err


@pytest.mark.parametrize(
    ("args", "mode", "parts"),
    [
        (["check", "--sampel", "3", "--live"], "live", "features"),
        (["parity", "a", "b", "c"], "transforms", "laws"),
        (["diff", "a"], "tables", "features"),
    ],
)
def test_bad_usage_is_written_where_the_result_was_to_go(
    tmp_path: Path, args: list[str], mode: str, parts: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "junit.xml").write_text("an earlier result", encoding="utf-8")
    asked = [*args, "--json", "-", f"--junit={tmp_path / 'junit.xml'}"]
    assert outcome(asked) == 2
    said = capsys.readouterr()
    written = json.loads(said.out)
    assert (written["verdict"], written["exit_code"], written["mode"]) == ("error", 2, mode)
    assert written["errors"][0]["message"] in said.err
    assert written[parts] == []
    assert "skewguard" in (tmp_path / "junit.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--sample", "0"], "Option `--sample` is '0': a whole number from 1 up"),
        (["--replay", "0"], "Option `--replay` is '0': a whole number from 1 to 10,000 is needed."),
        (["--replay", "10001"], "Option `--replay` is '10001': a whole number from 1 to 10,000 is needed."),
        (["-c", "nowhere"], "There is no folder"),
        (["--replay", "3", "--live"], "Options `--live` and `--replay` cannot be given together"),
        (["--baseline", "latest"], "There is no ledger at"),
        (["--allow", "late_arival"], "there is no cause 'late_arival'. Known names near it: late_arrival"),
        (["--allow", "late_arrival=2"], "a share from 0 to 1"),
        (["--scan-online"], "Option `--scan-online` needs `--live`"),
        (["--since", "yesterday"], "Option `--since` is 'yesterday'"),
        (["--max-freshness", "soon"], "a length of time such as 90s"),
        (["--html", "no/such/folder.html"], "its folder does not exist"),
        (["--all", "--sample", "3"], "cannot be given together"),
        (["--json", "no/such/folder.json"], "its folder does not exist"),
        (["--json", "."], "it is a folder"),
    ],
)
def test_what_cannot_be_is_one_paragraph_and_exit_2(tmp_path: Path, args: list[str], says: str) -> None:
    said = run(tmp_path, "check", *args)
    assert said.returncode == 2
    assert said.stdout == ""
    assert said.stderr.startswith("Error: ")
    assert says in said.stderr
    assert said.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_an_error_is_json_too_where_json_was_asked_for(tmp_path: Path) -> None:
    said = run(tmp_path, "check", "--sample", "0", "--live", "--json", "-")
    assert said.returncode == 2
    result = json.loads(said.stdout)
    assert (result["verdict"], result["exit_code"], result["mode"]) == ("error", 2, "live")
    assert "whole number" in result["errors"][0]["message"]
    assert "whole number" in said.stderr
    run(tmp_path, "check", "--sample", "0", "--json", "result.json")
    assert json.loads((tmp_path / "result.json").read_text())["verdict"] == "error"
    assert [each.name for each in tmp_path.iterdir()] == ["result.json"]


def test_a_config_that_says_nonsense(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.skewguard]\nsampel = 3\n", encoding="utf-8")
    said = run(tmp_path, "check")
    assert said.returncode == 2
    assert "`sampel` is not a key of this table. Known names near it: sample" in said.stderr


def test_values_cannot_drive_the_terminal(tmp_path: Path) -> None:
    said = run(tmp_path, "check", "--as-of", "\x1b[2J\u202e")
    assert said.returncode == 2
    assert "\x1b" not in said.stderr
    assert "\u202e" not in said.stderr


def test_a_defect_says_so_and_shows_its_traceback_on_request(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom skewguard.cli import edge\n"
        "def broken(*args, **kwargs): raise ZeroDivisionError('boom')\n"
        "edge.cli.make_context = broken\nsys.exit(edge.outcome([]))"
    )
    for asked, expected in (("", False), ("1", True)):
        environment = {**os.environ, "SKEWGUARD_TRACEBACK": asked}
        said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
        assert said.returncode == 2
        assert "this is a defect of skewguard" in said.stderr
        assert "ZeroDivisionError: boom" in said.stderr
        assert ("Traceback" in said.stderr) is expected


def test_an_interrupt_exits_130(tmp_path: Path) -> None:
    program = (
        "import time, sys\nfrom skewguard.cli import edge\n"
        "def slow(*args, **kwargs):\n    print('ready', flush=True)\n    time.sleep(60)\n"
        "edge.cli.make_context = slow\nsys.exit(edge.outcome([]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=20)
    assert (process.returncode, stderr) == (130, "Interrupted.\n")


def test_a_broken_pipe_of_a_store_is_not_taken_for_skew(tmp_path: Path) -> None:
    """click's own `main` would exit 1, which means skew, on any EPIPE: that of a socket too."""
    program = (
        "import sys\nfrom skewguard.cli import edge\n"
        "def broken(*args, **kwargs): raise BrokenPipeError(32, 'Broken pipe')\n"
        "edge.cli.make_context = broken\nsys.exit(edge.outcome([]))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True).returncode == 2


def test_a_reader_who_leaves_early_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m skewguard check --help; echo $? >&2"
    said = subprocess.run(["bash", "-c", f"({command}) | head -n 1"], capture_output=True, text=True, cwd=tmp_path)
    assert said.stderr == "0\n"


def test_the_end_is_cleaned_up_and_at_once(tmp_path: Path) -> None:
    """The interpreter takes seconds to take Feast apart, and a signal meanwhile would decide the exit code."""
    program = (
        "import atexit, sys, tempfile\nfrom skewguard.cli import edge\n"
        "class Slow:\n    def __del__(self): print('taken apart', flush=True)\n"
        "sys.modules['slow'] = Slow()\natexit.register(print, 'goodbye', flush=True)\n"
        f"folder = tempfile.TemporaryDirectory(dir={str(tmp_path)!r})\n"
        "sys.argv = ['skewguard', 'check', '--nothing']\nedge.main()"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (said.returncode, said.stdout) == (2, "goodbye\n")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_behind_standard_output_is_said(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        said = subprocess.run(
            [sys.executable, "-m", "skewguard", "--version"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert said.returncode == 2
    assert said.stderr.startswith("Error: Standard output, or a temporary file, cannot be written: No space left")
