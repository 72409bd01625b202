"""`skewguard init`: writes a project from a template, whole or not at all."""

from __future__ import annotations

import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from skewguard.errors.project import FolderIsNone, FolderTaken, FolderUnwritable, TemplateMissing, UnknownTemplate

PACKAGE = Path(__file__).parents[1]
TEMPLATES = PACKAGE / "_templates"
MINIMAL, FLIGHTS, DEMO = "minimal", "flights", "demo"
OFFERED = (MINIMAL, FLIGHTS)
# Later layers lie over earlier ones. The flights example is this repository's own, too; a wheel has it among these.
LAYERS: Mapping[str, tuple[str, ...]] = {
    MINIMAL: ("shared", MINIMAL),
    FLIGHTS: ("shared", FLIGHTS),
    DEMO: ("shared", FLIGHTS, DEMO),
}
EXAMPLE = ("feature_repo", "transforms")
# What stands for the name of the project, in these files alone.
PLACEHOLDER = "skewguard_project"
NAMED = ("pyproject.toml", "README.md", "feature_repo/feature_store.yaml")
# Files whose names begin with a dot are shipped without it: installers and ignore rules would treat them as their own.
DOT = re.compile("^dot_")
# What Python, builds and deployments leave in a checkout.
MADE, LEFT_BEHIND = {"__pycache__", "built"}, {".pyc", ".db", ".duckdb", ".part"}
ASIDE = ".skewguard-init-"
VERSION_CONTROL = {".git", ".hg", ".jj"}


@dataclass(frozen=True, kw_only=True)
class Made:
    """A project that was written: its folder, its name, and its files, relative to the folder."""

    folder: Path
    name: str
    files: tuple[Path, ...]


def init(folder: Path, *, template: str = MINIMAL, lock: bool = True) -> Made:
    """Write a project into `folder`, which is new or empty but for version control; with its skewguard.lock.

    Errors: those of `skewguard.errors.project`; with `lock`, those of `skewguard lock`.
    """
    if template not in OFFERED:
        raise UnknownTemplate(template, OFFERED)
    name = project_name(folder)
    with written_aside(folder) as aside:
        lay(template, aside, name=name)
        if lock:
            from skewguard.pipeline.lock import lock as write_lock

            write_lock(aside / "feature_repo")
        files = tuple(sorted(each.relative_to(aside) for each in aside.rglob("*") if each.is_file()))
    return Made(folder=folder, name=name, files=files)


def project_name(folder: Path) -> str:
    """A name that Feast and pip take: the folder's, in letters, digits and underscores."""
    plain = unicodedata.normalize("NFKD", folder.absolute().name).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return name if name[:1].isalpha() else f"features_{name}".rstrip("_")


def lay(template: str, folder: Path, *, name: str) -> None:
    """The template's files into `folder`, under the project's name. Errors: TemplateMissing, OSError."""
    for layer in LAYERS[template]:
        _copy(template, TEMPLATES / layer, folder)
    if FLIGHTS in LAYERS[template]:
        root = example_root()
        for part in EXAMPLE:
            _copy(template, root / part, folder / part)
    for file in (folder / each for each in NAMED):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(PLACEHOLDER, name), encoding="utf-8")


def example_root() -> Path:
    """Where the flights example is: in the wheel among the templates, in a checkout where it always was."""
    shipped = TEMPLATES / FLIGHTS
    return shipped if (shipped / EXAMPLE[0]).is_dir() else PACKAGE.parent


def _copy(template: str, origin: Path, folder: Path) -> None:
    """File by file: an installation may be read-only, and its folders' modes are not for a project."""
    if not origin.is_dir():
        raise TemplateMissing(template, origin)
    for file in sorted(each for each in origin.rglob("*") if each.is_file()):
        parts = file.relative_to(origin).parts
        if MADE.isdisjoint(parts) and file.suffix not in LEFT_BEHIND:
            target = folder.joinpath(*(DOT.sub(".", part) for part in parts))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


@contextmanager
def written_aside(folder: Path, *, next_step: str = "") -> Iterator[Path]:
    """A folder to write a project into, which becomes `folder` at the end; after an error nothing is left of it.

    Errors: FolderTaken, FolderIsNone, FolderUnwritable.
    """
    _require_free(folder, next_step)
    try:
        made = _made_parents(folder.parent)
    except OSError as error:
        raise FolderUnwritable(folder, error.strerror or str(error)) from error
    try:
        place = folder if folder.is_dir() else folder.parent
        # A temporary folder also goes where a signal ends the process.
        around = tempfile.TemporaryDirectory(prefix=ASIDE, dir=place, ignore_cleanup_errors=True)
        aside = Path(around.name) / "project"  # apart: the folder around it is for its owner alone
        aside.mkdir()
    except OSError as error:
        _remove(made)
        raise FolderUnwritable(folder, error.strerror or str(error)) from error
    try:
        yield aside
        _move(aside, folder)
    except OSError as error:
        raise FolderUnwritable(folder, error.strerror or str(error)) from error
    finally:
        around.cleanup()
        _remove(made)


def _require_free(folder: Path, next_step: str) -> None:
    try:
        if not folder.exists():
            if folder.is_symlink():
                raise FolderIsNone(folder)
            return
        if not folder.is_dir():
            raise FolderIsNone(folder)
        there = {each.name for each in folder.iterdir()} - VERSION_CONTROL
    except OSError as error:
        raise FolderUnwritable(folder, error.strerror or str(error)) from error
    if there:
        raise FolderTaken(folder, there, next_step=next_step)


def _made_parents(folder: Path) -> list[Path]:
    """Makes the folders that are missing above a project; those made, the innermost first."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _remove(made: list[Path]) -> None:
    """Folders that hold nothing after all."""
    for each in made:
        with suppress(OSError):
            each.rmdir()


def _move(aside: Path, folder: Path) -> None:
    """The whole in one step where the folder is new; into an existing one piece by piece, and back if one fails."""
    if not folder.is_dir():
        aside.rename(folder)
        return
    moved: list[Path] = []
    try:
        for each in sorted(aside.iterdir()):
            each.rename(folder / each.name)
            moved.append(folder / each.name)
    except OSError:
        for each in moved:
            each.rename(aside / each.name)
        raise
