"""What comparing a feature came to: the counts of its kinds, and the notes on how it was compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

NULL_EVERYWHERE = "null in every cell on both sides: nothing but absence was compared"


@dataclass(frozen=True, kw_only=True)
class FeatureCounts:
    """The cells of one feature by kind; `feature` is its reference. The arithmetic of INTERFACE.md section 5 holds."""

    feature: str
    requested: int
    mismatched: int = 0
    missing_online: int = 0
    missing_offline: int = 0
    serving_errors: int = 0
    wrong_on_both: int = 0
    within_freshness: int = 0
    not_compared: int = 0
    max_abs_error: float | None = None
    mean_abs_error: float | None = None
    max_freshness_lag: timedelta | None = None
    all_null: bool = False
    notes: tuple[str, ...] = ()
    causes: Mapping[str, int] | None = None  # of the skewed cells; None: nobody has looked yet

    def __post_init__(self) -> None:
        assert 0 <= self.matched <= self.compared <= self.requested, self
        assert 0 <= self.within_freshness <= self.compared, self

    @property
    def compared(self) -> int:
        """Cells of which both sides gave an answer, or only the online side raised."""
        return self.requested - self.not_compared

    @property
    def matched(self) -> int:
        """Cells that are equal, and as the source has them."""
        departing = self.mismatched + self.missing_online + self.missing_offline
        return self.compared - departing - self.serving_errors - self.wrong_on_both

    @property
    def skewed(self) -> int:
        """Cells whose online value is not the offline one, but for those that are only as stale as is allowed."""
        departing = self.mismatched + self.missing_online + self.missing_offline + self.serving_errors
        return departing - self.within_freshness


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The sides of one view compared. `cells` has one row per cell that is not a match (columns of cells.sql)."""

    counts: tuple[FeatureCounts, ...]
    cells: pa.Table = field(repr=False)
