"""Errors about skewguard.lock: not there, not readable, not ours, or of another version or project."""

from __future__ import annotations

from pathlib import Path

from skewguard.errors.base import SkewguardError

ANEW = "Run `skewguard lock` to write it anew, and review what changed."


class LockError(SkewguardError):
    """Base of this module's errors."""


class LockMissing(LockError):
    """There is no lock to check against."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"There is no {path}.",
            next_step="Run `skewguard lock` once and commit the file, or name it with --lock FILE.",
        )


class LockUnreadable(LockError):
    """The file is there and is not a lock that can be read."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} cannot be read: {why.rstrip('.')}.", next_step=ANEW)


class LockConflict(LockError):
    """Somebody merged two branches, and git left its marks in the file."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(
            f"{path} holds the marks of an unresolved merge conflict, the first in line {line}.",
            next_step="Resolve the definitions first, then run `skewguard lock`: nothing in the file needs a hand.",
        )


class LockNewer(LockError):
    """A later skewguard wrote it."""

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(
            f"{path} is of version {found}; this skewguard reads versions up to {known}.",
            next_step="Upgrade skewguard, or delete the file and run `skewguard lock`.",
        )


class LockOfAnother(LockError):
    """The lock of another Feast project, which writing would lose."""

    def __init__(self, path: Path, found: str, wanted: str) -> None:
        super().__init__(
            f"{path} is the lock of the project {found!r}, not of {wanted!r}.",
            next_step="Give each repo a lock of its own with --lock FILE; delete this one if the project was renamed.",
        )


class LockNotOurs(LockError):
    """A file of something else stands where the lock would be written."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is there and is no lock of skewguard's: it was left as it is.",
            next_step="Name another file with --lock FILE, or move that one away.",
        )


class LockUnwritable(LockError):
    """The lock cannot be written."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"{path} cannot be written: {why}.", next_step="Name a file in a folder that you may write to: --lock FILE."
        )
