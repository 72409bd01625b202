"""The constants in the code that a function reaches: values at which it may well change its mind."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from skewguard.code.walk import reach

Constant = int | float | str


def constants(function: Any) -> tuple[Constant, ...]:
    """Each number and text that the code names, once, in the order of its parts; no docstring and no truth value."""
    parts = reach(function).parts
    found = (value for name in sorted(parts) for statement in parts[name] for value in _named(statement))
    return tuple({(type(value), value): value for value in found}.values())


def _named(node: ast.AST) -> Iterator[Constant]:
    match node:
        case ast.Constant(value=bool()):
            return
        case ast.Constant(value=int() | float() | str() as value):
            yield value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            yield -value
        case ast.Expr(value=ast.Constant()):  # a docstring
            return
        case _:
            for name, part in ast.iter_fields(node):
                # What a decorator is given declares; it is not computed with.
                for each in part if isinstance(part, list) else [part]:
                    if isinstance(each, ast.AST) and name != "decorator_list":
                        yield from _named(each)
