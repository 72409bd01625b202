"""Ctrl-C and termination end the command line with 130, whatever it is doing, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

BEGINNING = """
import os, sys, tempfile, time
from skewguard.cli.ending import end_on_signals
end_on_signals()
sandbox = tempfile.TemporaryDirectory()
open(sandbox.name + "/online.db", "w").close()
"""
SWALLOWS = """
while True:
    try:
        print("ready", flush=True)
        time.sleep(60)
    except BaseException:
        pass
"""
# What interrupts a callback from native code is lost there, or ends the process with another code.
IN_A_CALLBACK = """
class Loud:
    def __del__(self):
        print("ready", flush=True)
        time.sleep(60)
Loud()
"""
IN_NATIVE_CODE = """
print("ready", flush=True)
import ctypes
ctypes.CDLL(None).nanosleep((ctypes.c_long * 2)(20, 0), None)
ctypes.CDLL(None).nanosleep((ctypes.c_long * 2)(20, 0), None)
sys.exit(0)
"""
IMPORTING = """
import builtins, time
from skewguard.cli import main
plain = builtins.__import__
def slow(name, *rest):
    if name == "click":
        print("ready", flush=True)
        time.sleep(60)
    return plain(name, *rest)
builtins.__import__ = slow
main()
"""
# From Python 3.12 on a fork beside a thread is warned of, which is not what is asked here.
FORKS = """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)
hears, told = os.pipe()
child = os.fork()
if not child:
    os.write(told, b"1")
    time.sleep(60)
os.read(hears, 1)
print("ready", flush=True)
os.kill(child, 15)
sys.exit(os.WTERMSIG(os.waitpid(child, 0)[1]) != 15)
"""


def ended(program: str, tmp_path: Path, *numbers: signal.Signals) -> tuple[int, str]:
    """The exit code and the last words of a program that gets signals once it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    for number in numbers:
        time.sleep(0.05)
        process.send_signal(number)
    _, stderr = process.communicate(timeout=30)
    return process.returncode, stderr


@pytest.mark.parametrize(
    "program",
    [BEGINNING + SWALLOWS, BEGINNING + IN_A_CALLBACK, BEGINNING + IN_NATIVE_CODE, IMPORTING],
    ids=["an error swallowed", "a callback", "native code", "imports"],
)
@pytest.mark.parametrize(
    "numbers",
    [(signal.SIGINT,), (signal.SIGTERM,), (signal.SIGHUP,), (signal.SIGINT, signal.SIGINT, signal.SIGTERM)],
    ids=["Ctrl-C", "termination", "hang-up", "several"],
)
def test_it_ends_with_130_and_leaves_nothing(tmp_path: Path, program: str, numbers: tuple[signal.Signals, ...]) -> None:
    began = time.monotonic()
    assert ended(program, tmp_path, *numbers) == (130, "Interrupted.\n")
    assert time.monotonic() - began < 10
    assert not list(tmp_path.iterdir())


def test_a_forked_child_ends_as_any_process_does(tmp_path: Path) -> None:
    assert ended(BEGINNING + FORKS, tmp_path) == (0, "")


def test_a_signal_that_was_switched_off_stays_off(tmp_path: Path) -> None:
    program = "import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)" + BEGINNING
    program += "print('ready', flush=True)\ntime.sleep(0.5)\nsys.exit(7)"
    assert ended(program, tmp_path, signal.SIGHUP) == (7, "")


def test_the_metrics_folder_of_another_process_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, own = tmp_path / "feast_metrics_parent", tmp_path / "feast_metrics_own"
    for folder in (made, own):
        folder.mkdir()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(made))
    program = BEGINNING + f"os.environ['PROMETHEUS_MULTIPROCESS_DIR'] = {str(own)!r}\n"
    program += "print('ready', flush=True)\ntime.sleep(60)"
    assert ended(program, tmp_path, signal.SIGTERM) == (130, "Interrupted.\n")
    assert list(tmp_path.iterdir()) == [made]
