"""The root of the error tree and the words that all errors share."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from skewguard.credentials import without_credentials


class SkewguardError(Exception):
    """Something a user can put right; caught once, at the edge, and shown as one paragraph."""

    exit_code = 2
    named: tuple[str, ...] = ()  # what stands in quotes and is a name, not a value

    def __init__(self, what: str, *, known: str = "", next_step: str = "") -> None:
        what = without_credentials(what)  # it may hold what the client of a store said
        self.what, self.known, self.next_step = what, known, next_step
        super().__init__(" ".join(part for part in (what, known, next_step) if part))


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
