"""Tells, without running anything, which plain transforms the repo's files have otherwise than the registry stores."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from skewguard.code.normal import normal
from skewguard.feature_store.imports import repo_files
from skewguard.feature_store.load import Repo
from skewguard.model import ViewKind, ViewSpec


def edited(repo: Repo, views: tuple[ViewSpec, ...]) -> frozenset[str]:
    """Names of the views whose stored function the files define, and nowhere as it is stored.

    Decorated transforms are left out: what is stored of them is an import.
    """
    stored = {view.name: _function(_text(repo, view)) for view in views if view.fingerprint is None}
    known = {name: function for name, function in stored.items() if function is not None}
    if not known:
        return frozenset()
    written: dict[str, set[str]] = {}
    for file in repo_files(repo.folder):
        for function in _functions(_read(file)):
            written.setdefault(function.name, set()).add(normal(function))
    return frozenset(
        name
        for name, function in known.items()
        if function.name in written and normal(function) not in written[function.name]
    )


def _text(repo: Repo, view: ViewSpec) -> str:
    kept: dict[str, Any] = {**repo.gathered.views}
    if view.kind is ViewKind.ON_DEMAND:
        kept = {**repo.gathered.on_demand}
    transformation = getattr(kept.get(view.base_name), "feature_transformation", None)
    return getattr(transformation, "udf_string", None) or ""


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _function(text: str) -> ast.FunctionDef | None:
    return next(iter(_functions(text)), None)


def _functions(text: str) -> list[ast.FunctionDef]:
    try:
        return [each for each in ast.walk(ast.parse(text)) if isinstance(each, ast.FunctionDef)]
    except (SyntaxError, ValueError):
        return []
