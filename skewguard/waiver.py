"""A waiver: skew that somebody answers for, of named features and one cause, until a day and up to a rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from skewguard import pattern
from skewguard.vocabulary import Cause

ANY_CAUSE = "*"
BASELINE = "baseline"  # where the verdict looks past skew: not by a cause, but as an earlier run had it
NAMED = "the waiver of "  # how every sentence about one begins

# What only a deployed store can show: a sandbox, which was filled for the check, says nothing on such a waiver.
OF_A_DEPLOYMENT = frozenset(
    {
        Cause.STORED_ON_DEMAND,
        Cause.TRANSFORM_VERSION,
        Cause.NEVER_MATERIALIZED,
        Cause.KEY_ENCODING,
        Cause.FEATURE_ADDED_LATER,
        Cause.NOT_YET_MATERIALIZED,
        Cause.BEFORE_FIRST_WINDOW,
        Cause.MATERIALIZATION_GAP,
        Cause.LATE_ARRIVAL,
        Cause.OLDER_WRITE_WON,
        Cause.FUTURE_ONLINE,
        Cause.ONLINE_ONLY_PUSH,
        Cause.DELETED_UPSTREAM,
        Cause.STALE_ONLINE,
        Cause.REWRITTEN_HISTORY,
    }
)


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """One `[[tool.skewguard.waivers]]`. It holds through the day `expires` (UTC), for up to `max_rate` of a feature's
    compared cells.
    """

    feature: str
    cause: str
    reason: str
    owner: str
    expires: date
    max_rate: float = 1.0

    @property
    def name(self) -> str:
        """As people find it in the file."""
        return f"{NAMED}{self.cause} for {self.feature!r}"

    def covers(self, ref: str, cause: str) -> bool:
        """Whether skew of `cause` in the feature `ref` is what it is about."""
        return self.cause in (ANY_CAUSE, cause) and pattern.covers(self.feature, ref)

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return today > self.expires


def waiver_for(waivers: Iterable[Waiver], ref: str, cause: str) -> Waiver | None:
    """The waiver that counts: the one that says more exactly which feature, then which cause; else the later one."""
    found = [each for each in waivers if each.covers(ref, cause)]
    return max(
        reversed(found),
        key=lambda each: (*pattern.specificity(each.feature), each.cause != ANY_CAUSE),
        default=None,
    )
