"""What a feature promises: dtype, nullability, range, categories, tolerance, skew budget, freshness, owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """Two numbers match when `abs(offline - online) <= absolute + relative * abs(offline)`.

    Both default to 0; a feature without a Tolerance has the one that its dtype implies.
    """

    absolute: float = 0.0
    relative: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Contract:
    """The resolved promises of one feature; None means that the default applies."""

    nullable: bool | None = None
    range: tuple[float | None, float | None] | None = None
    categories: tuple[str, ...] | None = None
    tolerance: Tolerance | None = None
    max_skew_rate: float | None = None
    freshness: timedelta | None = None
    owner: str | None = None
