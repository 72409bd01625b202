"""Whether the parts of two JSON texts are of the same kinds: JSON tells 1 from "1", and from true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NUMBERS_AS_WORDS = ("NaN", "Infinity", "-Infinity")  # JSON has no other way to write them


def alike(offline: Any, online: Any) -> bool:
    """Whether no part of the one is, say, a number where the same part of the other is text. Null is like anything."""
    if isinstance(offline, Mapping) and isinstance(online, Mapping):
        return all(alike(offline[key], online[key]) for key in offline.keys() & online.keys())
    if isinstance(offline, list | tuple) and isinstance(online, list | tuple):
        return all(map(alike, offline, online))
    kinds = _kind(offline), _kind(online)
    return None in kinds or kinds[0] == kinds[1]


def _kind(value: Any) -> str | None:
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "number" if value in NUMBERS_AS_WORDS else "text"
        case _:  # null; or a list or an object, of which nothing else is a like
            return None
