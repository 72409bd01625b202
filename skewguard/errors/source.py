"""Errors about: batch sources, the files that a view's rows come from."""

from __future__ import annotations

from collections.abc import Iterable

from skewguard.errors.base import SkewguardError, near
from skewguard.errors.spelling import option

CREDENTIALS = {
    "s3": "Check the path, and the credentials: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION.",
    "gs": "Check the path, and the credentials that GOOGLE_APPLICATION_CREDENTIALS points to.",
}


class SourceError(SkewguardError):
    """Base of this module's errors."""


class SourceMissing(SourceError):
    """Nothing lies at the path of the source."""

    def __init__(self, source: str, path: str, beside: Iterable[str] = ()) -> None:
        super().__init__(
            f"The source {source!r} reads {path}, where there is nothing.",
            known=near(path.rstrip("/").rpartition("/")[2], beside),
            next_step="Make the file, or correct the path in the definition of the source.",
        )


class SourceUnreadable(SourceError):
    """Something is there, but it cannot be opened or read."""

    def __init__(self, source: str, path: str, reason: str, *, scheme: str = "") -> None:
        super().__init__(
            f"The source {source!r} cannot be read from {path}: {_sentence(reason)}",
            next_step=CREDENTIALS.get(scheme, "Check that the file is whole and that you may read it."),
        )


class StoreNotReached(SourceUnreadable):
    """The object store as a whole gave no answer, or there are no credentials: the whole bucket is out of reach."""

    def __init__(self, source: str, path: str, reason: str, *, scheme: str) -> None:
        super().__init__(source, path, reason, scheme=scheme)
        self.reason, self.scheme = reason, scheme

    def of(self, source: str, path: str) -> StoreNotReached:
        """The same about another source, of which nobody has asked."""
        return StoreNotReached(source, path, self.reason, scheme=self.scheme)


class SourceNotPulled(SourceError):
    """The offline store of the repo could not pull the rows of a source that is no file."""

    def __init__(self, source: str, kind: str, reason: str) -> None:
        super().__init__(
            f"Feast's offline store ({kind}) cannot pull the source {source!r}: {_sentence(reason)}",
            next_step=f"See that it runs and lets this user read the table; {option('exclude')} leaves the view out.",
        )


class SourceNotParquet(SourceError):
    """A file that should be Parquet and is not."""

    def __init__(self, source: str, path: str, reason: str) -> None:
        super().__init__(
            f"The source {source!r} reads {path}, which is not a Parquet file: {_sentence(reason)}",
            next_step="Write it again as Parquet, or name the true file_format where the source is defined.",
        )


class SourceFilesDisagree(SourceError):
    """The files of one source hold one column in types that have nothing in common."""

    def __init__(self, source: str, path: str, reason: str) -> None:
        super().__init__(
            f"The files of the source {source!r} in {path} do not fit together: {_sentence(reason)}",
            next_step="Rewrite the files so that each column has one type in all of them.",
        )


class SourceNotSupported(SourceError):
    """A kind of place or format that this installation cannot read."""

    def __init__(self, source: str, path: str, reason: str, next_step: str) -> None:
        super().__init__(f"The source {source!r} reads {path}: {_sentence(reason)}", next_step=next_step)


class SourceColumnMissing(SourceError):
    """A column that the view needs is not in the source."""

    def __init__(self, source: str, path: str, role: str, column: str, known: Iterable[str]) -> None:
        names = list(known)
        super().__init__(
            f"The source {source!r} ({path}) has no column {column!r}, which is the {role}.",
            known=f"{near(column, names)} All its columns: {', '.join(names[:40])}{', …' if len(names) > 40 else ''}.",
            next_step="Correct the name in the definition, map it (field_mapping), or add the column to the source.",
        )


class SourceColumnRepeated(SourceError):
    """Two columns of one name: which of them is the feature?"""

    def __init__(self, source: str, path: str, role: str, column: str) -> None:
        super().__init__(
            f"The source {source!r} ({path}) has several columns named {column!r}, which is the {role}: "
            "nobody can say which of them is meant.",
            next_step="Write the file again with each name once.",
        )


class SourceTimeNotTime(SourceError):
    """A timestamp column of a type that is not a time."""

    def __init__(self, source: str, path: str, role: str, column: str, dtype: str) -> None:
        super().__init__(
            f"The {role} {column!r} of the source {source!r} ({path}) is of type {dtype}, which is not a time; "
            "Feast itself cannot join on it at a point in time.",
            next_step="Store it as a timestamp, in UTC or with its time zone.",
        )


class SourceTypeNotReadable(SourceError):
    """A column of a type that DuckDB does not read without changing its values."""

    def __init__(self, source: str, path: str, column: str, dtype: str) -> None:
        super().__init__(
            f"The column {column!r} of the source {source!r} ({path}) is of type {dtype}, "
            "whose values DuckDB cannot hold exactly.",
            next_step="Store it in another type (a decimal has 38 digits at most), or leave it out with "
            f"{option('exclude')}.",
        )


class SourceEmpty(SourceError):
    """A source without a single row that has a time."""

    def __init__(self, source: str, path: str, rows: int) -> None:
        what = f"has {rows:,} rows, none with a time" if rows else "has no rows"
        super().__init__(
            f"The source {source!r} ({path}) {what}: there is nothing to sample or compare.",
            next_step=f"Fill it, or leave its views out with {option('exclude')}.",
        )


class SourceTimeTooOld(SourceError):
    """An event before the year 1, or one that is infinitely long ago."""

    def __init__(self, source: str, path: str, column: str) -> None:
        super().__init__(
            f"The source {source!r} ({path}) has events before the year 1 in {column!r}: neither Python nor Feast has "
            "such times.",
            next_step="Write a null or a true time where none is known.",
        )


class SourceWithoutKeys(SourceError):
    """A source that has rows, but none whose join keys are all present."""

    def __init__(self, view: str, source: str, path: str, keys: Iterable[str]) -> None:
        super().__init__(
            f"No row of the source {source!r} ({path}) up to as-of has all join keys of view {view!r} "
            f"({', '.join(keys)}): there is no entity to sample.",
            next_step=f"Check how the keys are written, or leave the view out with {option('exclude')}.",
        )


class SliceNotWritten(SourceError):
    """The folder for temporary files takes no more."""

    def __init__(self, folder: str, reason: str) -> None:
        super().__init__(
            f"The sampled rows of a source cannot be written to {folder}: {_sentence(reason)}",
            next_step=f"Free some space, name another folder in TMPDIR, or ask for fewer rows with {option('sample')}.",
        )


def _sentence(reason: str) -> str:
    """The first line of a library's message, short enough to read, ending in one full stop."""
    lines = [line.strip() for line in reason.splitlines() if line.strip()]
    first = lines[0] if lines else "no reason was given"
    return (first if len(first) <= 300 else first[:299] + "…").rstrip(".") + "."
