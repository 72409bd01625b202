"""Feast's classes check their arguments' types with typeguard, as they still do; but each method when it is called.

typeguard rewrites every method from the source of its whole module: more than half of the time that importing Feast
takes, for 260 methods of which a check calls some thirty.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, wraps
from inspect import isfunction
from types import FunctionType
from typing import Any

Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@contextmanager
def checks_put_off() -> Iterator[None]:
    """What typeguard would rewrite inside is rewritten when it is first called."""
    try:
        decorators = importlib.import_module("typeguard._decorators")
        rewrite: Callable[[Any], Any] = vars(decorators)["instrument"]
    except (ImportError, KeyError):  # a typeguard that works in another way
        yield
        return
    vars(decorators)["instrument"] = lambda method: _checked_when_called(method, rewrite)
    try:
        yield
    finally:
        vars(decorators)["instrument"] = rewrite


def _checked_when_called(method: Any, rewrite: Callable[[Any], Any]) -> Any:
    checked: Callable[..., Any] | None = None

    @wraps(method)
    def call(*arguments: Any, **named: Any) -> Any:
        nonlocal checked
        if checked is None:
            rewritten = reading_less(rewrite, method)(method)
            checked = rewritten if isfunction(rewritten) else method  # else a text: why there is nothing to check
        return checked(*arguments, **named)

    return call


def reading_less(rewrite: Callable[[Any], Any], method: Any) -> Callable[[Any], Any]:
    """The same function, to which the module of `method` is what stands around it: the other methods are not there."""
    if not isfunction(rewrite) or "ast" not in rewrite.__globals__:
        return rewrite
    known = {**rewrite.__globals__, "ast": _Around(method.__qualname__.split("."))}
    return FunctionType(rewrite.__code__, known, rewrite.__name__, rewrite.__defaults__, rewrite.__closure__)


class _Around:
    """`ast`, which reads of a text no more than what is around one function of it."""

    def __init__(self, path: Sequence[str]) -> None:
        self._path = path

    def __getattr__(self, name: str) -> Any:
        return getattr(ast, name)

    def parse(self, source: str) -> ast.Module:
        """Every line where it was; functions and classes that are not on the way to this one are blank."""
        lines = source.splitlines(keepends=True)
        for first, last in _others(_parsed(source), self._path):
            lines[first - 1 : last] = ["\n"] * (last - first + 1)
        return ast.parse("".join(lines))


@lru_cache(maxsize=32)  # several methods of each module are called; for reading only
def _parsed(source: str) -> ast.Module:
    return ast.parse(source)


def _others(parent: ast.Module | ast.ClassDef, path: Sequence[str]) -> Iterator[tuple[int, int]]:
    """First and last line of each definition directly inside `parent` that is not on the path, and of theirs."""
    for each in parent.body:
        if isinstance(each, Defined) and each.name != path[0]:
            yield min([each.lineno, *(one.lineno for one in each.decorator_list)]), each.end_lineno or each.lineno
        elif isinstance(each, ast.ClassDef) and len(path) > 1:
            yield from _others(each, path[1:])
