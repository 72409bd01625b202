"""Makes a project importable from inside its repo for a while, and leaves the process as it was."""

from __future__ import annotations

import importlib
import linecache
import os
import sys
import sysconfig
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

ROOT_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", ".git")
NEVER_OURS = sys.stdlib_module_names | {"skewguard", "feast", "__main__"}


@contextmanager
def workspace(folder: Path, files: Iterable[Path]) -> Iterator[None]:
    """Working directory `folder`, its `files` and the project around it importable; restored on exit.

    Modules of the same names that are loaded already (another repo's `features.py`) are set aside meanwhile. As with
    Feast's own command, what is installed comes before the repo. Not for two threads at once: all of this is the
    process's.
    """
    roots = project_roots(folder)
    names = _own_names(folder, files, roots)
    with warnings.catch_warnings(), _process_state(), _own_modules(names, [folder, *roots]):
        sys.dont_write_bytecode = True
        os.chdir(folder)
        importlib.invalidate_caches()
        linecache.checkcache()
        yield


@contextmanager
def _process_state() -> Iterator[None]:
    """Working directory, environment, path and the bytecode switch as they were."""
    directory, environment, path, bytecode = Path.cwd(), dict(os.environ), list(sys.path), sys.dont_write_bytecode
    try:
        yield
    finally:
        sys.path[:] = path
        sys.dont_write_bytecode = bytecode
        moved = os.environ.get("TZ") != environment.get("TZ")
        for name in set(os.environ) - set(environment):
            del os.environ[name]
        os.environ.update({name: value for name, value in environment.items() if os.environ.get(name) != value})
        if moved and hasattr(time, "tzset"):  # the C library keeps the zone apart from the variable
            time.tzset()
        os.chdir(directory)


@contextmanager
def _own_modules(names: set[str], folders: list[Path]) -> Iterator[None]:
    """`names` are imported from `folders` meanwhile; modules that have those names already come back afterwards."""
    before = dict(sys.modules)
    aside = {name: module for name, module in before.items() if name.partition(".")[0] in names}
    finder = _ProjectFinder(names, folders)
    try:
        for name in aside:
            del sys.modules[name]
        sys.meta_path.insert(0, finder)
        sys.path += [str(path) for path in folders]
        yield
    finally:
        sys.meta_path.remove(finder)  # alone: what is imported meanwhile may add finders that it needs for good
        _drop_modules(before, names, folders)
        sys.modules.update(aside)
        importlib.invalidate_caches()


def project_roots(folder: Path) -> list[Path]:
    """Folders above the repo that hold the project's packages: its parent, and the nearest that looks like a root."""
    marked = (parent for parent in folder.parents if any((parent / mark).exists() for mark in ROOT_MARKS))
    root = next(marked, folder.parent)
    candidates = (folder.parent, root, root / "src")
    return [path for path in dict.fromkeys(candidates) if path.is_dir() and path != path.parent]


def _own_names(folder: Path, files: Iterable[Path], roots: Iterable[Path]) -> set[str]:
    """Top-level module names that belong to the project rather than to something installed."""
    names = {path.relative_to(folder).parts[0].removesuffix(".py") for path in files}
    for root in roots:
        names |= {path.name.removesuffix(".py") for path in _listed(root) if path.suffix == ".py" or _is_package(path)}
    installed = _installed_paths()
    return {name for name in names if "." not in name and name not in NEVER_OURS and not _found(name, installed)}


def _is_package(path: Path) -> bool:
    """A folder with Python in it; `__init__.py` or not."""
    return path.is_dir() and any(each.suffix == ".py" for each in _listed(path))


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _installed_paths() -> list[str]:
    """Where Python and its packages live: a folder `site-packages` or `dist-packages`, or the standard library."""
    standard = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    packages = [entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")]
    return list(dict.fromkeys([*standard, *packages]))


def _found(name: str, paths: list[str]) -> bool:
    """Whether `name` is a module there; a mere folder without `__init__.py` is none."""
    spec = PathFinder.find_spec(name, paths)
    return spec is not None and spec.origin is not None


class _ProjectFinder:
    """Finds the project's modules in the project alone: no folder of the caller's path hides them behind its own."""

    def __init__(self, names: set[str], folders: list[Path]) -> None:
        self._names, self._folders = names, [str(folder) for folder in folders]

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Python's protocol for finders; anything but a top-level name of ours is someone else's to find."""
        if path is not None or fullname not in self._names:
            return None
        return PathFinder.find_spec(fullname, self._folders)


def _drop_modules(before: dict[str, ModuleType], names: set[str], folders: list[Path]) -> None:
    """Forget what was imported from the project meanwhile; what is installed may stay loaded."""
    installed = tuple(_installed_paths())
    inside = tuple(f"{folder}{os.sep}" for folder in folders)
    for name, module in list(sys.modules.items()):
        top = name.partition(".")[0]
        if before.get(name) is module or top in NEVER_OURS:
            continue
        file = getattr(module, "__file__", None) or ""
        if top in names or (file.startswith(inside) and not file.startswith(installed)):
            del sys.modules[name]
