"""What `skewguard parity` is pointed at: a Feast repo, a module, a package or a file; found without importing it."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from skewguard.errors.parity import TargetNotFound
from skewguard.pipeline.given import YAML, repo_at

ROOTS_SEARCHED = (".", "src")


@dataclass(frozen=True, kw_only=True)
class Target:
    """`repo` is the folder of a Feast repo, else None: then `modules` are imported with `root` on the path."""

    given: str
    repo: Path | None = None
    yaml: Path | None = None
    root: Path = Path()
    modules: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()


def find_target(given: str, here: Path, *, yaml: Path | None = None) -> Target:
    """The target that a user means. Errors: TargetNotFound."""
    place = here / Path(given).expanduser()
    if place.is_dir():
        repo = place if (place / "__init__.py").is_file() else repo_at(place, yaml=yaml)
        if yaml is not None or (repo / YAML).is_file():
            return Target(given=str(repo.resolve()), repo=repo.resolve(), yaml=yaml)
        return _folder(place.resolve())
    if place.is_file():
        if place.suffix != ".py":
            raise TargetNotFound(given, [str(here)])
        return _file(place.resolve())
    for root in ROOTS_SEARCHED:
        inside = here / root / Path(*given.split("."))
        if inside.is_dir():
            return _folder(inside.resolve(), named=given)
        if inside.with_name(f"{inside.name}.py").is_file():
            return _file(inside.with_name(f"{inside.name}.py").resolve(), named=given)
    return _installed(given, here)


def _folder(folder: Path, *, named: str | None = None) -> Target:
    """Every module in a folder; its package is the outermost folder with an `__init__.py`."""
    files = tuple(sorted(each for each in folder.rglob("*.py") if _wanted(each, folder)))
    if not files:
        raise TargetNotFound(str(folder), [str(folder)])
    root = _root(folder / "__init__.py") if (folder / "__init__.py").is_file() else folder
    if named is not None and root == folder:  # a package without __init__.py, asked for by its dotted name
        root = folder.parents[named.count(".")]
    return Target(given=str(folder), root=root, modules=_names(files, root), files=files)


def _wanted(file: Path, folder: Path) -> bool:
    parts = file.relative_to(folder).parts
    return not any(part.startswith(".") or part == "__pycache__" for part in parts)


def _file(file: Path, *, named: str | None = None) -> Target:
    root = _root(file)
    if named is not None and named.count("."):
        root = file.parents[named.count(".")]
    return Target(given=str(file), root=root, modules=_names([file], root), files=(file,))


def _root(file: Path) -> Path:
    folder = file.parent
    while (folder / "__init__.py").is_file():
        folder = folder.parent
    return folder


def _names(files: Sequence[Path], root: Path) -> tuple[str, ...]:
    names = []
    for file in files:
        parts = file.relative_to(root).with_suffix("").parts
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts))
    return tuple(names)


def _installed(given: str, here: Path) -> Target:
    """A module of an installed package: its top level is looked up, and nothing is imported."""
    spec = None
    if given and all(part.isidentifier() for part in given.split(".")):
        with suppress(ImportError, ValueError):
            spec = importlib.util.find_spec(given.partition(".")[0])
    if spec is not None and spec.submodule_search_locations:
        for location in spec.submodule_search_locations:
            inside = Path(location, *given.split(".")[1:])
            if inside.is_dir():
                return _folder(inside.resolve(), named=given)
            if inside.with_name(f"{inside.name}.py").is_file():
                return _file(inside.with_name(f"{inside.name}.py").resolve(), named=given)
    if spec is not None and spec.origin and spec.origin.endswith(".py") and "." not in given:
        return _file(Path(spec.origin))
    nearby = [each.stem for each in here.iterdir() if each.suffix == ".py" or each.is_dir()]
    raise TargetNotFound(given, [str(here), "the installed packages"], [each for each in nearby if each[0] != "."])
