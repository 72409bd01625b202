"""The modules of a project: what each binds, imports and re-exports, found without running any of it."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

INSTALLED = frozenset({"site-packages", "dist-packages"})
SELF = "skewguard"


@dataclass(kw_only=True)
class Module:
    """`bound`: name to the statements that bind or change it; `imported`: name to (module, attributes)."""

    name: str
    bound: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imported: dict[str, list[tuple[str, tuple[str, ...]]]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)


class Modules:
    """Modules by name, each read once; `own_root` is the transform's own top package, project code wherever it lies."""

    def __init__(self, *, own_root: str) -> None:
        self.own_root = own_root
        self.known: dict[str, Module | None] = {}

    def get(self, name: str) -> Module | None:
        """A module of the project; None for the standard library, installed packages, and what does not exist."""
        if name not in self.known:
            origin = self._origin(name)
            self.known[name] = None if origin is None else _read(name, origin)
        return self.known[name]

    def _origin(self, name: str) -> Path | None:
        root = name.partition(".")[0]
        if root == SELF or (root in sys.stdlib_module_names and root != self.own_root):
            return None
        top = _file(root)
        if root != self.own_root and (top is None or INSTALLED & set(top.parts)):
            return None
        return _file(name)


def _file(name: str) -> Path | None:
    """The source file of a module, also of one that is not imported yet."""
    loaded = getattr(sys.modules.get(name), "__file__", None)
    if loaded is None:
        try:
            spec = importlib.util.find_spec(name)
        except (ImportError, ValueError, AttributeError):
            return None
        loaded = None if spec is None else spec.origin
        if loaded is None and spec is not None and spec.submodule_search_locations:
            loaded = str(Path(next(iter(spec.submodule_search_locations)), "__init__.py"))  # a namespace package
    return Path(loaded) if loaded is not None and loaded.endswith(".py") else None


def value_of(module: str, name: str) -> Any:
    """What a module-level name stands for at run time; None where its module cannot be imported."""
    try:
        return getattr(importlib.import_module(module), name, None)
    except Exception:  # any error of the project's own code: it shows when the transform runs
        return None


def _read(name: str, origin: Path) -> Module:
    text = origin.read_bytes() if origin.is_file() else b""
    return _parsed(name, name if origin.name == "__init__.py" else name.rpartition(".")[0], text)


@lru_cache(maxsize=32)  # each transform of a module is followed on its own
def _parsed(name: str, package: str, text: bytes) -> Module:
    """The module that a text is; for reading only."""
    module = Module(name=name)
    for statement in ast.parse(text).body:
        for each in ast.walk(statement):  # also the imports that functions make for themselves
            if isinstance(each, ast.Import):
                _import(module, each)
            elif isinstance(each, ast.ImportFrom):
                _import_from(module, each, package)
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            for bound in set(_bound(statement)):
                module.bound.setdefault(bound, []).append(statement)
    return module


def _import(module: Module, statement: ast.Import) -> None:
    for alias in statement.names:
        if alias.asname is not None:
            module.imported.setdefault(alias.asname, []).append((alias.name, ()))
        else:  # `import a.b` binds a, and a.b is reached as its attribute
            root = alias.name.partition(".")[0]
            module.imported.setdefault(root, []).append((root, ()))


def _import_from(module: Module, statement: ast.ImportFrom, package: str) -> None:
    target = statement.module or ""
    if statement.level:
        try:
            target = importlib.util.resolve_name("." * statement.level + target, package)
        except ImportError:
            return
    for alias in statement.names:
        if alias.name == "*":
            module.stars.append(target)
        else:
            module.imported.setdefault(alias.asname or alias.name, []).append((target, (alias.name,)))


def _bound(statement: ast.AST) -> Iterator[str]:
    """The names that a statement of a module binds, or whose value it changes in place."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
        return
    for node in _same_scope(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            yield from _base(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield from _base(node.value.func)


def _same_scope(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from _same_scope(child)


def _base(node: ast.AST) -> Iterator[str]:
    """`TABLE` of `TABLE["a"]` and of `TABLE.update`; a plain call changes nothing that has a name."""
    inner = node
    while isinstance(inner, ast.Subscript | ast.Attribute):
        inner = inner.value
    if inner is not node and isinstance(inner, ast.Name):
        yield inner.id
