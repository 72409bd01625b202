"""Makes an ordinary error of `sys.exit` in a repo's transform: it ends the view that runs it, not the check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class TransformExits(Exception):
    """A transform ended the program that ran it."""


@contextmanager
def exits_as_errors() -> Iterator[None]:
    """SystemExit inside becomes TransformExits. A server that runs the transform ends, or answers with an error."""
    try:
        yield
    except SystemExit as error:
        raise TransformExits(f"code of the repo ended the program (SystemExit: {error.code})") from error
