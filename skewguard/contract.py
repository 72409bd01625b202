"""What a feature promises: dtype, nullability, range, categories, tolerance, skew budget, freshness, owner."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from typing import Any

from skewguard import dtypes
from skewguard.errors.definition import FeatureError, ToleranceError


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """Two numbers match when `abs(offline - online) <= absolute + relative * abs(offline)`.

    Both default to 0; a feature without a Tolerance has the one that its dtype implies.
    """

    absolute: float = 0.0
    relative: float = 0.0

    def __post_init__(self) -> None:
        for promise in ("absolute", "relative"):
            value = getattr(self, promise)
            if not _is_number(value) or not (math.isfinite(value) and value >= 0):
                raise ToleranceError(promise, value)


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


@dataclass(frozen=True)
class Feature:
    """One feature that a transform returns: its name, its dtype (Feast's name, in any case), and its promises.

    `range` is (least, most), both inclusive, None for no bound; `freshness` is the staleness that is acceptable;
    `max_skew_rate` is the share of cells that may be skewed. A promise that is None is not made.
    """

    name: str
    dtype: str
    _: KW_ONLY
    nullable: bool | None = None
    range: tuple[float | None, float | None] | None = None
    categories: tuple[str, ...] | None = None
    tolerance: Tolerance | None = None
    max_skew_rate: float | None = None
    freshness: timedelta | None = None
    owner: str | None = None
    description: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise FeatureError(self.name, "name", self.name, "a feature needs a name that is not empty")
        object.__setattr__(self, "dtype", str(dtypes.parse(self.dtype)))
        self._settle_range()
        self._settle_categories()
        self._check("nullable", "give True or False", isinstance(self.nullable, bool | None))
        self._check("tolerance", "give a Tolerance", isinstance(self.tolerance, Tolerance | None))
        self._check("owner", "give a text that is not empty", self.owner is None or _is_text(self.owner))
        self._check("description", "give a text", isinstance(self.description, str))
        rate = self.max_skew_rate
        self._check("max_skew_rate", "give a share from 0 to 1", rate is None or (_is_number(rate) and 0 <= rate <= 1))
        fresh = self.freshness
        self._check(
            "freshness",
            "give a timedelta of at least 0",
            fresh is None or (isinstance(fresh, timedelta) and fresh >= timedelta(0)),
        )

    @property
    def contract(self) -> Contract:
        """The promises without name, dtype and description."""
        return Contract(
            nullable=self.nullable,
            range=self.range,
            categories=self.categories,
            tolerance=self.tolerance,
            max_skew_rate=self.max_skew_rate,
            freshness=self.freshness,
            owner=self.owner,
        )

    def _settle_range(self) -> None:
        if self.range is None:
            return
        wanted = "give (least, most), two finite numbers in that order, None for no bound"
        bounds: Any = self.range
        self._check("range", wanted, isinstance(bounds, tuple | list) and len(bounds) == 2)
        self._check("range", wanted, all(each is None or (_is_number(each) and math.isfinite(each)) for each in bounds))
        least, most = bounds
        self._check("range", wanted, least is None or most is None or least <= most)
        numeric = dtypes.parse(self.dtype).family in (dtypes.Family.INTEGER, dtypes.Family.FLOAT)
        self._check("range", f"only numbers have a range and its dtype is {self.dtype}", numeric)
        object.__setattr__(self, "range", (least, most))

    def _settle_categories(self) -> None:
        if self.categories is None:
            return
        wanted = "give the allowed texts, at least one, each once"
        given: Any = self.categories
        self._check("categories", wanted, isinstance(given, Iterable) and not isinstance(given, str))
        categories = tuple(given)
        self._check("categories", wanted, bool(categories) and all(isinstance(each, str) for each in categories))
        self._check("categories", wanted, len(set(categories)) == len(categories))
        self._check("categories", f"only String has categories and its dtype is {self.dtype}", self.dtype == "String")
        object.__setattr__(self, "categories", categories)

    def _check(self, promise: str, wanted: str, fulfilled: bool) -> None:
        if not fulfilled:
            raise FeatureError(self.name, promise, getattr(self, promise), wanted)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
