"""Patterns over feature references, as contracts, waivers and redaction write them: `*` and `?` are wildcards."""

from __future__ import annotations

import re
from functools import lru_cache


def covers(pattern: str, ref: str) -> bool:
    """Whether the feature `ref` is one that `pattern` means."""
    return _expression(pattern).fullmatch(ref) is not None


def specificity(pattern: str) -> tuple[bool, int]:
    """Greater for the pattern that says more exactly which features it means: no wildcard, then more letters."""
    wildcards = sum(pattern.count(each) for each in "*?")
    return wildcards == 0, len(pattern) - wildcards


def is_pattern(text: str) -> bool:
    """Whether `text` can mean a feature at all: references are written `view:feature`."""
    return ":" in text or "*" in text


@lru_cache
def _expression(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(each, re.escape(each)) for each in pattern), re.DOTALL)
