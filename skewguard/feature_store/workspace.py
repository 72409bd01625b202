"""Makes a project importable from inside its repo for a while, and leaves the process as it was."""

from __future__ import annotations

import importlib
import linecache
import os
import sys
import sysconfig
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType

ROOT_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", ".git")
NEVER_OURS = sys.stdlib_module_names | {"skewguard", "feast", "__main__"}


@contextmanager
def workspace(folder: Path, files: Iterable[Path]) -> Iterator[None]:
    """Working directory `folder`, its `files` and the project around it importable; restored on exit.

    Modules of the same names that are loaded already (another repo's `features.py`) are set aside meanwhile. As with
    Feast's own command, the repo comes after what is installed. Not for two threads at once: all of this is the
    process's.
    """
    roots = project_roots(folder)
    names = _own_names(folder, files, roots)
    before_modules, before_path, before_directory = dict(sys.modules), list(sys.path), Path.cwd()
    before_environment, before_bytecode = dict(os.environ), sys.dont_write_bytecode
    aside = {name: module for name, module in before_modules.items() if name.partition(".")[0] in names}
    with warnings.catch_warnings():
        try:
            for name in aside:
                del sys.modules[name]
            sys.path[:] = _search_path([folder, *roots], names)
            sys.dont_write_bytecode = True
            os.chdir(folder)
            importlib.invalidate_caches()
            linecache.checkcache()
            yield
        finally:
            _drop_modules(before_modules, names, [folder, *roots])
            sys.modules.update(aside)
            sys.path[:] = before_path
            sys.dont_write_bytecode = before_bytecode
            _restore_environment(before_environment)
            os.chdir(before_directory)
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
        names |= {path.name.removesuffix(".py") for path in _listed(root) if path.suffix == ".py" or path.is_dir()}
    installed = _installed_paths()
    return {name for name in names if "." not in name and name not in NEVER_OURS and not _found(name, installed)}


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


def _search_path(ours: list[Path], names: set[str]) -> list[str]:
    """The caller's path, then ours, then the caller's own folders that would hide our modules behind theirs."""
    here = str(Path.cwd())
    entries = [here if entry in ("", ".") else entry for entry in sys.path]
    installed = _installed_paths()
    hiding = [
        entry
        for entry in entries
        if entry not in installed and any(PathFinder.find_spec(name, [entry]) is not None for name in names)
    ]
    return [entry for entry in entries if entry not in hiding] + [str(path) for path in ours] + hiding


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


def _restore_environment(before: dict[str, str]) -> None:
    for name in set(os.environ) - set(before):
        del os.environ[name]
    os.environ.update({name: value for name, value in before.items() if os.environ.get(name) != value})
