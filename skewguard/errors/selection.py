"""Errors about: which entity rows are asked for: the sample, the as-of, the entity file."""

from __future__ import annotations

from collections.abc import Iterable

from skewguard.errors.base import SkewguardError, near
from skewguard.errors.spelling import option

LONGEST_EXAMPLE = 80


class SelectionError(SkewguardError):
    """Base of this module's errors."""


class SampleNotPositive(SelectionError):
    """A sample of no rows proves nothing."""

    def __init__(self, rows: int) -> None:
        super().__init__(
            f"A sample of {rows} entity rows proves nothing.",
            next_step=f"Ask for at least 1 with {option('sample')}, or for every row with {option('all', True)}.",
        )


class AsOfBeforeData(SelectionError):
    """At the instant that was asked for, the source had no event yet."""

    def __init__(self, view: str, as_of: str, oldest: str) -> None:
        super().__init__(
            f"At as-of {as_of} the source of view {view!r} has no event yet.",
            known=f"Its oldest event is at {oldest}.",
            next_step=f"Choose a later {option('as_of')}, or leave it out for the newest event.",
        )


class NoEventSince(SelectionError):
    """`--since` is later than every event up to as-of."""

    def __init__(self, view: str, since: str, newest: str) -> None:
        super().__init__(
            f"The source of view {view!r} has no event from {option('since', since)} to as-of.",
            known=f"Its newest event is at {newest}.",
            next_step=f"Choose an earlier {option('since')}, or leave it out.",
        )


class NoEventYet(SelectionError):
    """`--as-of latest` finds only events of the future."""

    def __init__(self, view: str, now: str, oldest: str) -> None:
        super().__init__(
            f"Every event of the source of view {view!r} is later than now ({now}): the oldest is at {oldest}.",
            next_step=f"Check the time zone of its timestamps, or name an instant with {option('as_of')}.",
        )


class EntityFileUnreadable(SelectionError):
    """The entity file cannot be read."""

    def __init__(self, path: str, reason: str) -> None:
        lines = [line.strip() for line in reason.splitlines() if line.strip()]
        first = (lines[0] if lines else "no reason was given")[:300].rstrip(".")
        super().__init__(
            f"The entity file {path} cannot be read: {first}.",
            next_step=f"{option('entities')} takes a Parquet or CSV file of join keys, one entity row per line.",
        )


class EntityFileEmpty(SelectionError):
    """The entity file names no entity."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"The entity file {path} has no rows.", next_step="Put at least one entity row in it, or leave it out."
        )


class EntityColumnsMissing(SelectionError):
    """The entity file lacks join keys of a view."""

    def __init__(self, path: str, view: str, missing: Iterable[str], known: Iterable[str]) -> None:
        lacking, names = list(missing), list(known)
        hints = " ".join(filter(None, (near(name, names) for name in lacking[:3])))
        super().__init__(
            f"The entity file {path} has no column {', '.join(map(repr, lacking))}, which view {view!r} is asked by.",
            known=f"{hints} All its columns: {', '.join(names[:40])}{', …' if len(names) > 40 else ''}.",
            next_step=f"Add or rename the columns, or check other views with {option('feature')}, "
            f"{option('service')} or {option('exclude')}.",
        )


class EntityTypeWrong(SelectionError):
    """A value in the entity file cannot become what the column has to hold. `view` is empty where all need it."""

    def __init__(self, path: str, view: str, column: str, example: str, wanted: str) -> None:
        shown = example if len(example) <= LONGEST_EXAMPLE else f"{example[:LONGEST_EXAMPLE]}…"
        super().__init__(
            f"The entity file {path} holds {shown} in column {column!r}, which cannot become {wanted} "
            f"as {f'view {view!r}' if view else 'every view'} needs it.",
            next_step="Correct the value; a key is never rounded or cut to fit.",
        )
        self.named = (column, view)


class EntityNulls(SelectionError):
    """The entity file has rows without a value where one is needed."""

    def __init__(self, path: str, view: str, column: str, count: int, rows: int) -> None:
        who = f"view {view!r} cannot" if view else "no view can"
        super().__init__(
            f"The entity file {path} has no value in column {column!r} in {count:,} of {rows:,} rows; "
            f"{who} be asked for an entity without it.",
            next_step="Drop these rows or fill them.",
        )
