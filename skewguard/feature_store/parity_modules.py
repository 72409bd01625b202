"""Imports modules and packages of decorated transforms, and says in the user's words where one breaks."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from skewguard.definition import BatchTransform, OnDemandTransform, transform_of
from skewguard.definition.reach import MARK
from skewguard.errors import SkewguardError
from skewguard.errors.parity import ModuleImportFailed
from skewguard.feature_store.imports import _users_line
from skewguard.feature_store.quiet import quiet

Transforms = list[OnDemandTransform | BatchTransform]


def transforms_in(names: Iterable[str], root: Path) -> tuple[Transforms, list[SkewguardError]]:
    """Every decorated transform that one of the modules defines, and what kept modules from being imported."""
    found: Transforms = []
    errors: list[SkewguardError] = []
    for name in names:
        try:
            module = _imported(name, root)
        except SkewguardError as error:
            errors.append(error)
            continue
        for value in vars(module).values():
            if hasattr(value, MARK) and getattr(value, "__module__", None) == name:
                mark = transform_of(value)
                if mark not in found:
                    found.append(mark)
    return found, errors


def _imported(name: str, root: Path) -> ModuleType:
    with quiet():
        try:
            return importlib.import_module(name)
        except KeyboardInterrupt:
            raise
        except SkewguardError as error:
            if type(error).__module__ == "skewguard.errors.parity":
                raise
            file, line, code = _users_line(error, root)
            raise ModuleImportFailed(name, error, file=_short(file, root), line=line, code=code) from error
        except BaseException as error:  # SystemExit, and whatever else a module may raise
            file, line, code = _users_line(error, root)
            raise ModuleImportFailed(name, error, file=_short(file, root), line=line, code=code) from error


def _short(file: str | None, root: Path) -> str | None:
    if file is not None and Path(file).is_relative_to(root):
        return str(Path(file).relative_to(root))
    return file
