"""Errors about a project that `init` or `demo` makes: its folder, its template, and what is played into it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from skewguard.errors.base import SkewguardError, near


class ProjectError(SkewguardError):
    """Base of this module's errors."""


class FolderTaken(ProjectError):
    """There is something already where the project would be made."""

    def __init__(self, folder: Path, holds: Iterable[str], *, next_step: str = "") -> None:
        names = sorted(holds)
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        super().__init__(
            f"{folder} is not empty: it holds {', '.join(names[:3])}{more}. Nothing was written.",
            next_step=next_step or "Name a new or an empty folder.",
        )


class FolderIsNone(ProjectError):
    """A file, or something else that can hold no project."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is there and is no folder.", next_step="Name a new or an empty folder.")


class FolderUnwritable(ProjectError):
    """The project cannot be written."""

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(
            f"{folder} cannot be made: {why}. Nothing was left behind.",
            next_step="Name a folder in a place that you may write to.",
        )


class UnknownTemplate(ProjectError):
    """A template that does not exist."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no template {name!r}.", known=near(name, known))


class TemplateMissing(ProjectError):
    """This installation lacks the files of a template."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(
            f"The files of the template {name!r} are not in this installation: there is no {folder}.",
            next_step="Install skewguard again from its wheel, or from a whole checkout.",
        )


class DemoStopped(ProjectError):
    """A step of the demo did not work: nothing was shown of it."""

    def __init__(self, step: str, why: str) -> None:
        super().__init__(
            f"The demo stopped at {step}: {' '.join(why.split()).rstrip('.')}.",
            next_step="Its folder was removed. Where the machine is not to blame, this is a defect: please report it.",
        )
