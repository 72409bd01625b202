"""Errors about: what a check is asked to compare, and finding nothing to compare."""

from __future__ import annotations

from collections.abc import Iterable

from skewguard.errors.base import SkewguardError, near
from skewguard.errors.spelling import dashed, either, option


class CheckError(SkewguardError):
    """Base of this module's errors."""


class UnknownName(CheckError):
    """A feature, view or service that the repo does not define."""

    def __init__(self, asked_by: str, name: str, known: Iterable[str]) -> None:
        super().__init__(
            f"{_asked(asked_by, name)} names nothing in this repo.",
            known=near(name, known),
            next_step="`feast feature-views list` and `feast feature-services list` show what the repo defines.",
        )


class NotServed(CheckError):
    """A feature that was asked for by name and is by nature not compared."""

    def __init__(self, asked_by: str, name: str, reason: str) -> None:
        super().__init__(
            f"{_asked(asked_by, name)} cannot be compared: {reason}.",
            next_step="Leave it out, or ask for a feature that is served online.",
        )


class NothingToCompare(CheckError):
    """The repo, or what the options leave of it, has no feature that is served online."""

    def __init__(self, repo: str, reasons: Iterable[str]) -> None:
        listed = "; ".join(reasons)
        super().__init__(
            f"There is nothing to compare in {repo}: no feature is left that is served online.",
            known=f"Left out: {listed}." if listed else "",
            next_step="Define a feature view with online=True, or ask for fewer exclusions.",
        )


class AsOfBeforeWindow(CheckError):
    """A live check was asked for an instant that the online store has already moved past."""

    def __init__(self, view: str, as_of: str, end: str) -> None:
        super().__init__(
            f"{option('as_of', as_of)} is before {end}, the end of the last materialized window of view {view!r}: "
            "its online store has moved on and no longer holds the values of that instant.",
            next_step=f"Use {option('as_of', 'now')}, {option('as_of', 'materialized')} or a later instant; or check "
            f"without {option('live', True)}.",
        )


class RowsOffInstant(CheckError):
    """Entity rows of a live check that are not about now."""

    def __init__(self, path: str, count: int, example: str, as_of: str) -> None:
        rows, have = ("row", "has") if count == 1 else ("rows", "have")
        super().__init__(
            f"{count:,} {rows} of {path} {have} an event_timestamp more than a minute from as-of {as_of} "
            f"(first: {example}); a live online store answers for one instant only.",
            next_step=f"Drop the column event_timestamp, or check without {option('live', True)}.",
        )


class TooManyInstants(CheckError):
    """More distinct event timestamps than a sandbox will materialize for."""

    def __init__(self, path: str, count: int, limit: int, *, drawn: bool = False) -> None:
        whose = f"The rows drawn from {path} have" if drawn else f"{path} has"
        super().__init__(
            f"{whose} {count:,} distinct values in event_timestamp; "
            f"a sandbox materializes once for each and takes at most {limit}.",
            next_step=f"Keep at most {limit} instants, draw fewer rows with {option('sample')}, or drop the column and "
            f"use {option('as_of')}.",
        )


def _asked(name: str, value: str) -> str:
    return either(typed=f"{dashed(name)} {value!r}", called=f"`{name}={value!r}`")
