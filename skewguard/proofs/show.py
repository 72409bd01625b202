"""Values as a sentence shows them, as JSON holds them, and as Python writes them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any


def shown(value: Any) -> str:
    """In a sentence: null for every form of null, text in quotes."""
    match value:
        case None:
            return "null"
        case float() if math.isnan(value):
            return "null"
        case datetime() | date():
            return value.isoformat()
        case str():
            return repr(value if len(value) <= 80 else value[:79] + "…")
        case float() | int() | bytes():
            return repr(value)
    text = repr(value)
    return text if len(text) <= 120 else text[:119] + "…"


def as_json(value: Any) -> Any:
    """In JSON's own types: times as ISO-8601, sets as sorted lists, bytes as Python writes them."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return (
                value if math.isfinite(value) else {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[repr(value)]
            )
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return {str(key): as_json(each) for key, each in value.items()}
        case set() | frozenset():
            return sorted((as_json(each) for each in value), key=repr)
        case list() | tuple():
            return [as_json(each) for each in value]
    return repr(value)


def literal(value: Any) -> str:
    """As a test writes it, with `datetime`, `UTC`, `nan` and `inf` imported."""
    match value:
        case float() if not math.isfinite(value):
            return {"nan": "nan", "inf": "inf", "-inf": "-inf"}[repr(value)]
        case datetime():
            parts = [value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond]
            while len(parts) > 3 and parts[-1] == 0:
                parts.pop()
            zone = ", tzinfo=UTC" if value.tzinfo is not None else ""
            return f"datetime({', '.join(map(str, parts))}{zone})"
        case Mapping():
            return "{" + ", ".join(f"{literal(key)}: {literal(each)}" for key, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(literal, value)) + "]"
        case tuple():
            return "(" + "".join(f"{literal(each)}, " for each in value).rstrip() + ")"
        case set() | frozenset():
            return "{" + ", ".join(sorted(map(literal, value))) + "}" if value else "set()"
    return repr(value)
