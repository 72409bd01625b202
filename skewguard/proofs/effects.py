"""What a transform does beside answering, in words: what was put back after the call, and what stays."""

from __future__ import annotations

from collections.abc import Iterable

RANDOM = "changes the random state"
THREADS = "leaves a thread running"
LASTING = ("writes ", "makes ", "removes ", "renames ", "starts ", "connects ", RANDOM, THREADS)
MOST = 3


def effects_told(name: str, effects: Iterable[str]) -> str:
    """One sentence about a transform. Of many files a few are named."""
    found = list(dict.fromkeys(effects))
    lasting = [each for each in found if each.startswith(LASTING)]
    undone = [each for each in found if each not in lasting]
    parts = [f"{_listed(undone)}, which was undone"] if undone else []
    if lasting:
        parts.append(f"{_listed(lasting[:MOST], more=len(lasting) > MOST)}, which was not undone")
    return f"{name}: beside answering, it {'; it '.join(parts)}"


def _listed(effects: list[str], *, more: bool = False) -> str:
    last = "others" if more else effects[-1]
    rest = effects if more else effects[:-1]
    return f"{', '.join(rest)} and {last}" if rest else last
