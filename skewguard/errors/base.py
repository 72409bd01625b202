"""The root of the error tree and the words that all errors share."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from skewguard.credentials import without_credentials
from skewguard.errors.spelling import as_called, as_typed


class SkewguardError(Exception):
    """Something a user can put right; caught once, at the edge, and shown as one paragraph."""

    exit_code = 2
    named: tuple[str, ...] = ()  # what stands in quotes and is a name, not a value
    in_python = False  # whether options are spelt as arguments of a call

    def __init__(self, what: str, *, known: str = "", next_step: str = "") -> None:
        what = without_credentials(what)  # it may hold what the client of a store said
        super().__init__(" ".join(part for part in (what, known, next_step) if part))

    def __str__(self) -> str:
        spelt = as_called if self.in_python else as_typed
        return spelt(super().__str__())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class DiskFull(SkewguardError):
    """A file system took no more where nothing more precise was known: behind standard output, for one."""

    def __init__(self, problem: str, file: str) -> None:
        super().__init__(
            f"{file or 'Standard output, or a temporary file,'} cannot be written: {problem}.",
            next_step="Free some space, or write to another disk; TMPDIR names the folder for temporary files.",
        )


@contextmanager
def called_in_python() -> Iterator[None]:
    """Around what people call in Python: the errors that leave it name arguments, not options of the command line."""
    try:
        yield
    except SkewguardError as error:
        error.in_python = True
        raise


def near(name: str, known: Iterable[str], *, limit: int = 3) -> str:
    """The known names most like `name`, as a sentence; empty where there is none at all.

    Upper and lower case are alike to whoever mistypes; and a part of a name, such as a feature without its view, finds
    the whole.
    """
    names, wanted = sorted(set(known)), name.casefold()
    spelt: dict[str, list[str]] = {}
    for each in names:
        spelt.setdefault(each.casefold(), []).append(each)
    like = difflib.get_close_matches(wanted, spelt, n=limit, cutoff=0.5)
    holding = (each for each in spelt if wanted and wanted in each)
    close = [each for folded in dict.fromkeys((*like, *holding)) for each in spelt[folded]]
    shown = (close or names)[:limit]
    return f"Known names near it: {', '.join(shown)}." if shown else ""
