"""One text for all ways to write the same code, the same in every Python that parses it alike."""

from __future__ import annotations

import ast
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import Any

IGNORED_FIELDS = frozenset({"ctx", "type_comment", "kind", "type_ignores"})
# skewguard's own decorators and Feast's: what they are given is the declaration, not the code.
DECORATORS = frozenset(
    {"batch_features", "on_demand_features", "on_demand_feature_view", "batch_feature_view", "stream_feature_view"}
)
SCALARS = (bool, int, float, complex, bytes, type(None), Decimal, date, datetime, time, timedelta)
DOCUMENTED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def normal(node: Any) -> str:
    """A syntax tree without positions, docstrings, and the decorators that declare a transform."""
    if isinstance(node, list):
        return "[" + ",".join(normal(each) for each in node) + "]"
    if isinstance(node, ast.Constant):
        return f"{type(node.value).__name__}:{node.value!r}"
    if not isinstance(node, ast.AST):
        return repr(node)
    parts = []
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(node, DOCUMENTED):
            value = without_docstring(value)
        if name == "decorator_list":
            value = [each for each in value if not declares(each)]
        # An empty field is left out: later Pythons have more of them.
        if name not in IGNORED_FIELDS and value is not None and value != []:
            parts.append(f"{name}={normal(value)}")
    return f"{type(node).__name__}({','.join(parts)})"


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements after the docstring; `pass` where there are none."""
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:] or [ast.Pass()]
    return body


def declares(decorator: ast.expr) -> bool:
    """Whether it is one of the decorators that declare a transform or a view."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)
    return name in DECORATORS


def normal_value(value: Any) -> str:
    """A plain value as text, "" for all others: an object's text may hold an address, a path a machine's folder."""
    if isinstance(value, str) and "\n" not in value and PurePath(value).is_absolute():
        return ""
    try:
        return _plain(value)
    except TypeError:
        return ""


def _plain(value: Any) -> str:
    if type(value) in SCALARS or type(value) is str:
        return f"{type(value).__name__}:{value!r}"
    if type(value) in (list, tuple):
        return f"{type(value).__name__}[{','.join(_plain(each) for each in value)}]"
    if type(value) in (set, frozenset):
        return f"{type(value).__name__}[{','.join(sorted(_plain(each) for each in value))}]"
    if type(value) is dict:
        return "dict[" + ",".join(f"{_plain(key)}={_plain(each)}" for key, each in value.items()) + "]"
    raise TypeError
