"""Spans of time as people write them."""

from __future__ import annotations

from datetime import timedelta

UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "min": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}


def span_text(span: timedelta) -> str:
    """`7 d`, `90 min`; seconds where nothing larger divides it."""
    for name, unit in UNITS.items():
        if span >= unit and span % unit == timedelta(0):
            return f"{span // unit} {name}"
    return f"{span.total_seconds():g} s"
