"""Durations, numbers and contracts as the words of a lock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from skewguard.contract import Contract
from skewguard.locking.locked import Text

UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)))


def duration(length: timedelta) -> str:
    """`7 d`, `1 d 12 h`, `90.5 s`."""
    parts, rest = [], length
    for unit, size in UNITS:
        count, rest = divmod(rest, size)
        parts += [f"{count} {unit}"] if count else []
    if rest or not parts:
        parts.append(f"{rest.total_seconds():.6f}".rstrip("0").rstrip(".") + " s")
    return " ".join(parts)


def promises(contract: Contract) -> Iterator[tuple[str, Text]]:
    """Only what is promised."""
    if contract.nullable is not None:
        yield "nullable", "yes" if contract.nullable else "no"
    if contract.range is not None:
        least, most = contract.range
        yield "range", f"{'any' if least is None else repr(least)} to {'any' if most is None else repr(most)}"
    if contract.categories is not None:
        yield "categories", tuple(sorted(contract.categories))
    if contract.tolerance is not None:
        yield "tolerance", f"absolute {contract.tolerance.absolute!r}, relative {contract.tolerance.relative!r}"
    if contract.max_skew_rate is not None:
        yield "max_skew_rate", repr(contract.max_skew_rate)
    if contract.freshness is not None:
        yield "freshness", duration(contract.freshness)
    if contract.owner is not None:
        yield "owner", contract.owner
