"""Progress on standard error: a live line on a terminal, plain lines in a log, nothing where nobody wants it."""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from skewguard.model import Stage
from skewguard.pipeline.progress import Progress, silent
from skewguard.report.plain import clipped, safe

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

# In a log: a line when a stage begins, and for the rest of it no more often than this.
SECONDS_BETWEEN_LINES = 2.0
WIDEST_DETAIL = 40
STANDARD_OUTPUT = 1


class Lines:
    """Progress as lines of text, for logs."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock, self._began = stream, clock, clock()
        self._stage: Stage | None = None
        self._detail, self._total, self._count, self._last = "", None, 0, 0.0  # type: str, int | None, int, float

    def stage(self, stage: Stage, detail: str = "", total: int | None = None) -> None:
        """A new stage gets a line; another piece of the same stage only after a while."""
        changed = stage is not self._stage
        self._stage, self._detail, self._total, self._count = stage, detail, total, 0
        self._say(now=changed)

    def advance(self, count: int = 1) -> None:
        """How far it is, once in a while."""
        self._count += count
        self._say(now=False)

    def tell(self, text: str) -> None:
        """A line of its own, whatever the time."""
        self._write(safe(text))

    def done(self) -> None:
        """Nothing is left open."""

    def _say(self, *, now: bool) -> None:
        at = self._clock()
        if not now and at - self._last < SECONDS_BETWEEN_LINES:
            return
        self._last = at
        parts = [str(self._stage), clipped(safe(self._detail), WIDEST_DETAIL)]
        if self._count or self._total is not None:
            parts.append(f"{self._count:,}" + (f" of {self._total:,}" if self._total is not None else ""))
        self._write(": ".join(part for part in parts if part))

    def _write(self, text: str) -> None:
        try:
            self._stream.write(f"[{self._clock() - self._began:.1f} s] {text}\n")
            self._stream.flush()
        except OSError:
            return


class Display:
    """Progress as one live line on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bars

        text = TextColumn("{task.description}", markup=False)
        counts = MofNCompleteColumn()
        columns = (SpinnerColumn(), text, BarColumn(bar_width=20), counts, TimeElapsedColumn())
        self._bars: Bars = Bars(*columns, console=Console(file=stream), transient=True, redirect_stdout=False)
        self._task: TaskID = self._bars.add_task("starting", total=None)
        self._bars.start()

    def stage(self, stage: Stage, detail: str = "", total: int | None = None) -> None:
        """The line says what is being done; the clock goes on."""
        said = f"{stage}: {clipped(safe(detail), WIDEST_DETAIL)}" if detail else str(stage)
        # The bar starts anew, the time does not: `reset` would restart both. For `update`, no total is "as before".
        self._bars.tasks[0].total = total
        self._bars.update(self._task, description=said, completed=0)

    def advance(self, count: int = 1) -> None:
        """The bar moves."""
        self._bars.advance(self._task, count)

    def tell(self, text: str) -> None:
        """Above the line, where it stays."""
        self._bars.console.print(safe(text), markup=False, highlight=False)

    def done(self) -> None:
        """The line goes; what follows is the report."""
        if self._bars.live.is_started:
            self._bars.stop()


def progress_on(stream: TextIO, *, quiet: bool) -> Progress:
    """The progress that suits a stream."""
    if quiet:
        return silent
    plain = not stream.isatty() or bool(os.environ.get("CI")) or os.environ.get("TERM") == "dumb"
    return Lines(stream) if plain else Display(stream)


@contextmanager
def watched(*, quiet: bool) -> Iterator[Progress]:
    """Progress on the real standard error, while what anything else prints goes nowhere."""
    stream = sys.stderr
    progress = progress_on(stream, quiet=quiet)
    with ExitStack() as stack:
        stack.callback(progress.done)
        # A real file: code of a repo may ask its standard output for `buffer` or `fileno`.
        other = stack.enter_context(Path(os.devnull).open("w"))
        stack.enter_context(_standard_output_to(other))
        stack.enter_context(redirect_stdout(other))
        stack.enter_context(redirect_stderr(other))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        yield progress


@contextmanager
def _standard_output_to(other: TextIO) -> Iterator[None]:
    """What other processes and compiled code print: it would end up in the JSON that standard output is kept for."""
    sys.stdout.flush()
    try:
        kept = os.dup(STANDARD_OUTPUT)
    except OSError:  # it is closed
        yield
        return
    os.dup2(other.fileno(), STANDARD_OUTPUT)
    try:
        yield
    finally:
        os.dup2(kept, STANDARD_OUTPUT)
        os.close(kept)
