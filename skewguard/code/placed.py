"""Finds the line of a repo's Python on which a view is defined, by reading and not by running it."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

VIEW = re.compile(r"view$", re.IGNORECASE)  # FeatureView, OnDemandFeatureView, feature_view, …
OTHERS = re.compile(r"(source|entity|field|feature|service|schema|project)$", re.IGNORECASE)
# How surely a place defines the view: a view is made there; something is made under its name; its name is there.
SURE, LIKELY, NAMED = range(3)


def view_lines(files: Iterable[Path], names: Collection[str]) -> Mapping[str, tuple[Path, int]]:
    """File and line (from 1) of each of `names` that some file defines. A file that cannot be read is passed over."""
    best: dict[str, tuple[int, Path, int]] = {}
    for file in files:
        for name, rank, line in _named(file):
            if name in names and (name not in best or rank < best[name][0]):
                best[name] = (rank, file, line)
    return {name: (file, line) for name, (_, file, line) in best.items()}


def function_line(file: Path, name: str) -> int | None:
    """The first line, decorators included, of the function `name` of a file; None where it has none."""
    tree = _parsed(file)
    for node in () if tree is None else ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return None


def _parsed(file: Path) -> ast.Module | None:
    try:
        with tokenize.open(file) as stream:
            return _tree(stream.read())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None


@lru_cache(maxsize=8)  # of one file, each of its functions is looked for
def _tree(text: str) -> ast.Module:
    return ast.parse(text)


def _named(file: Path) -> Iterator[tuple[str, int, int]]:
    """Every name in the file that could be a view's: the name, how sure it is, and the line."""
    tree = _parsed(file)
    for node in () if tree is None else ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _decorated(node)
            case ast.Call():
                yield from _called(node)
            case ast.Constant(value=str(name)):
                yield name, NAMED, node.lineno


def _decorated(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, int, int]]:
    for decorator in function.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        if VIEW.search(_last(decorator if call is None else call.func)):
            given = [] if call is None else [*_given(call)]
            yield (given[0] if given else function.name), SURE, decorator.lineno


def _called(call: ast.Call) -> Iterator[tuple[str, int, int]]:
    made = _last(call.func)
    if OTHERS.search(made):
        return
    rank = SURE if VIEW.search(made) else LIKELY
    for name in _given(call):
        yield name, rank, call.lineno
    if rank == SURE and call.args:  # a binding without a name has that of its transform
        yield _last(call.args[0]), LIKELY, call.lineno


def _given(call: ast.Call) -> Iterator[str]:
    """The texts that a call could take for a name: `name=`, else the first argument."""
    by_name = [each.value for each in call.keywords if each.arg == "name"]
    for value in by_name or call.args[:1]:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value


def _last(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
