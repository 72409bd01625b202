"""Ctrl-C and termination: the program ends with 130 and nothing left behind, wherever it is at that moment.

An exception raised in the main thread would not do: in a callback from native code it is lost, or aborts the process,
and during imports it shows a traceback. So the main thread is parked, and another cleans up and ends the process. The
ledger needs no goodbye: a run is in it whole or not at all.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
import weakref
from contextlib import suppress
from functools import partial
from types import FrameType

INTERRUPTED = 130
PATIENCE_SECONDS = 10.0  # for removing what is temporary, should the parked thread hold what that needs
ENDINGS = ("SIGINT", "SIGTERM", "SIGHUP")  # Ctrl-C, a CI that cancels, a terminal that closes
METRICS_VARIABLES = ("PROMETHEUS_MULTIPROCESS_DIR", "PROMETHEUS_MULTIPROC_DIR")  # Feast's, while it is imported
CLEAR_LINE = b"\r\x1b[2K\x1b[?25h"  # a progress display may be on it, and hide the cursor


def end_on_signals() -> None:
    """From here on these signals end the process; but for those that whoever started it has switched off."""
    taken = [number for name in ENDINGS if (number := getattr(signal, name, None)) is not None and _usual(number)]
    if not taken or not hasattr(os, "register_at_fork"):
        return
    hears, told = os.pipe()
    os.set_blocking(told, False)
    inherited = {os.environ.get(name, "") for name in METRICS_VARIABLES}
    ender = threading.Thread(target=_end_when_told, args=(hears, inherited), name="skewguard-ending", daemon=True)
    ender.start()
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)  # heard at once, also while native code works
    for number in taken:
        signal.signal(number, partial(_park, told))
    os.register_at_fork(after_in_child=lambda: _as_usual(taken))


def _usual(number: int) -> bool:
    return signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler)


def _as_usual(taken: list[int]) -> None:
    """A forked child ends as any process does, and does not wake its parent."""
    signal.set_wakeup_fd(-1)
    for number in taken:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def _park(told: int, number: int, frame: FrameType | None) -> None:
    """The main thread does nothing more: neither an error of its own nor an exit code may follow."""
    with suppress(OSError):
        os.write(told, bytes([number]))  # should other code have taken the file that wakes
    time.sleep(PATIENCE_SECONDS + 1)
    os._exit(INTERRUPTED)


def _end_when_told(hears: int, inherited: set[str]) -> None:
    while os.read(hears, 1)[0] not in {getattr(signal, name, 0) for name in ENDINGS}:
        pass  # a signal that the repo's own code handles
    threading.Timer(PATIENCE_SECONDS, os._exit, (INTERRUPTED,)).start()
    for _ in range(2):  # what native code was writing meanwhile may have kept a folder from going
        _remove_temporary_folders(inherited)
    try:
        os.write(2, (CLEAR_LINE if os.isatty(2) else b"") + b"Interrupted.\n")
    finally:
        os._exit(INTERRUPTED)


def _remove_temporary_folders(inherited: set[str]) -> None:
    """Those of this process, by the finalizers that would run at its regular end; Feast's too, unless `inherited`."""
    for finalizer in list(getattr(weakref.finalize, "_registry", ())):
        alive = finalizer.peek()
        if alive is not None and isinstance(alive[0], tempfile.TemporaryDirectory):
            finalizer()
    for name in METRICS_VARIABLES:
        folder = os.environ.get(name, "")
        if folder not in inherited and os.path.basename(folder).startswith("feast_metrics_"):  # noqa: PTH119 - nothing is imported any more
            shutil.rmtree(folder, ignore_errors=True)
