"""Imports a repo's Python with Feast's own code, and says where it broke in the user's words."""

from __future__ import annotations

import linecache
import os
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from skewguard.errors.base import SkewguardError
from skewguard.errors.repo import RepoImportFailed
from skewguard.feature_store.clients import install_command, missing_module
from skewguard.feature_store.quiet import quiet

if TYPE_CHECKING:
    from feast.repo_contents import RepoContents


def repo_files(folder: Path) -> list[Path]:
    """The Python files that `feast apply` would import, `.feastignore` heeded."""
    from feast.repo_operations import get_repo_files

    return list(get_repo_files(folder))


def parse_python(folder: Path) -> tuple[RepoContents, str]:
    """Feast's collection of the repo's objects, and what its code printed. Errors: RepoImportFailed."""
    from feast.repo_operations import parse_repo

    with quiet() as heard:
        try:
            contents = parse_repo(folder)
        except SkewguardError:
            raise
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # SystemExit, and whatever else a repo may raise
            raise _import_failed(error, folder) from error
    return contents, "".join(heard)


def _import_failed(error: BaseException, folder: Path) -> RepoImportFailed:
    module = missing_module(error)
    file, line, code = _users_line(error, folder)
    shown = file
    if file is not None and Path(file).is_relative_to(folder):
        shown = str(Path(file).relative_to(folder))
    install = "" if module is None else _install_hint(module, folder)
    return RepoImportFailed(error, file=shown, line=line, code=code, install=install)


def _install_hint(module: str, folder: Path) -> str:
    beside = any((parent / module).is_dir() or (parent / f"{module}.py").is_file() for parent in folder.parents[:3])
    if beside:
        return f"A module {module} lies above the repo, where Feast does not look: install it, or set PYTHONPATH."
    return f"If {module} is a package, install it with `{install_command(module)}`."


def _users_line(error: BaseException, folder: Path) -> tuple[str | None, int | None, str]:
    """The innermost place in the user's own files: file, line, and its text."""
    if isinstance(error, SyntaxError) and error.filename:
        return error.filename, error.lineno, error.text or ""
    frames = traceback.extract_tb(error.__traceback__)
    inside = f"{folder}{os.sep}"
    own = [frame for frame in frames if frame.filename.startswith(inside) and "site-packages" not in frame.filename]
    if not own:
        return None, None, ""
    last = own[-1]
    return last.filename, last.lineno, last.line or linecache.getline(last.filename, last.lineno or 0)
