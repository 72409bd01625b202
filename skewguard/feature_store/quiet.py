"""Keeps Feast's chatter (progress bars, prints, warnings, log lines) off the screen while Feast works."""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Hush:
    """Stands in for a standard stream: keeps what one thread writes, and passes on what any other does.

    Other threads must still reach the screen: a progress display refreshes from its own.
    """

    def __init__(self, stream: Any, heard: list[str]) -> None:
        self._stream, self._heard, self._thread = stream, heard, threading.get_ident()
        self.ended = False

    def _hushed(self) -> bool:
        return not self.ended and threading.get_ident() == self._thread

    def write(self, text: str) -> int:
        """Keep or pass on."""
        if self._hushed():
            self._heard.append(text)
            return len(text)
        return int(self._stream.write(text) or 0)

    def flush(self) -> None:
        """Nothing to do for what is kept."""
        if not self._hushed():
            self._stream.flush()

    def isatty(self) -> bool:
        """Progress bars draw less where there is no terminal."""
        return not self._hushed() and bool(self._stream.isatty())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def quiet() -> Iterator[list[str]]:
    """Silences the calling thread's prints, warnings and Feast's log; yields what was said. Exceptions pass through."""
    heard: list[str] = []
    before = sys.stdout, sys.stderr
    hushed = tuple(None if stream is None else Hush(stream, heard) for stream in before)
    logger = logging.getLogger("feast")
    level = logger.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sys.stdout, sys.stderr = hushed
        _set(logger, logging.ERROR)
        try:
            yield heard
        finally:
            _set(logger, level)
            _give_back(before, hushed)


def _set(logger: logging.Logger, level: int) -> None:
    """Only where it is another: setting a level makes every logger of the process forget what it knows."""
    if logger.level != level:
        logger.setLevel(level)


def _give_back(before: tuple[Any, Any], hushed: tuple[Any, ...]) -> None:
    """The streams as they were, unless someone else took them meanwhile: then ours turns transparent."""
    for stream in hushed:
        if stream is not None:
            stream.ended = True
    if sys.stdout is hushed[0]:
        sys.stdout = before[0]
    if sys.stderr is hushed[1]:
        sys.stderr = before[1]
