"""Values for a column of an event table of which no real row is known, and keys for entities of which none is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from skewguard import dtypes
from skewguard.dtypes import Family
from skewguard.proofs.subject import InputColumn
from skewguard.proofs.values import odd, usual

TEXTS = ("a", "b", "c", "é")
ODD_SHARE = 0.2


def made(column: InputColumn, near: datetime, random: Random, fits: Callable[[Any], bool] = lambda value: True) -> Any:
    """One value of the column's dtype within its contract that `fits`, else null; a time is near the event's own."""
    if dtypes.parse(column.dtype).family is Family.TIMESTAMP:
        value = near - timedelta(minutes=random.choice((0, 1, 30, 600)))
        return value if fits(value) else None
    rare = list(filter(fits, odd(column))) if random.random() < ODD_SHARE else []
    common = rare or list(filter(fits, usual(column)))
    if not common:
        return None
    value = random.choice(common)
    return sorted(value) if isinstance(value, set) else value


def key(column: InputColumn, at: int) -> Any:
    """The value of the `at`-th entity."""
    match dtypes.parse(column.dtype).family:
        case Family.TEXT:
            if column.dtype in ("Uuid", "TimeUuid"):
                return str(UUID(int=at + 1))
            return TEXTS[at % len(TEXTS)] * (1 + at // len(TEXTS))
        case Family.FLOAT:
            return float(at + 1)
        case Family.BOOL:
            return at % 2 == 0
        case Family.BYTES:
            return bytes([at + 1])
        case _:
            return at + 1
