"""The code that a function reaches, piece by piece: so that a change can be named by the helper that it is in."""

from __future__ import annotations

import ast
import hashlib
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from skewguard.code.normal import normal
from skewguard.code.walk import Reached, reach

DIGITS = 16
LONGEST_SHOWN = 60
UNKNOWN = "of no known version"
SELF = "skewguard"
TEXT = "udf_string"


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """What a function reaches, each in a few words that are equal where the code is.

    `code`: dotted name to `function 1a2b...`, `class ...`, `constant 15` or `value ...`; `uses`: what it takes from the
    standard library and installed packages; `libraries`: those packages with their versions.
    """

    code: Mapping[str, str]
    uses: tuple[str, ...]
    libraries: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """One hash of the code, whatever the versions of the libraries."""
        return digest([*(f"{name} {piece}" for name, piece in self.code.items()), *self.uses], digits=64)


def pieces(function: Callable[..., Any], text: str = "") -> Pieces:
    """The pieces of all that the function reaches; and of `text`, which Feast runs in its place, if it differs."""
    found = reach(function)
    code = {name: _piece(name, found) for name in {*found.parts, *found.values}}
    code |= {name: f"function {digest([text])}" for name, text in found.unread.items()}
    kept = _normal_text(text) if text.strip() else ""
    if kept and kept not in {normal(each) for statements in found.parts.values() for each in statements}:
        code[TEXT] = f"text {digest([kept])}"
    modules = {module.partition(".")[0] for module, _ in found.external}
    installed = modules - sys.stdlib_module_names - {SELF, ""}
    return Pieces(
        code=dict(sorted(code.items())),
        uses=tuple(sorted(".".join(filter(None, each)) for each in found.external)),
        libraries=dict(sorted(_distribution(module) for module in installed)),
    )


def text_pieces(source: str, name: str) -> Pieces:
    """The pieces of a transform of which there is only a text: Python where it parses, else as it is written."""
    return Pieces(code={name: f"function {digest([_normal_text(source)])}"}, uses=(), libraries={})


def _normal_text(source: str) -> str:
    with suppress(SyntaxError, ValueError):
        body = ast.parse(textwrap.dedent(source)).body
        return normal(body[0] if len(body) == 1 else body)
    return source


def digest(texts: Iterable[str], *, digits: int = DIGITS) -> str:
    """The first hexadecimal digits of a hash of all the texts, whatever their order."""
    return hashlib.sha256("\0".join(sorted(texts)).encode("utf-8", "backslashreplace")).hexdigest()[:digits]


def _piece(name: str, found: Reached) -> str:
    statements = found.parts.get(name, [])
    shown = _constant(statements)
    if shown is not None:
        return f"constant {shown}"
    kinds = {type(each) for each in statements}
    word = "value"
    if kinds & {ast.FunctionDef, ast.AsyncFunctionDef, ast.Expr}:
        word = "function"
    elif ast.ClassDef in kinds:
        word = "class"
    return f"{word} {digest([*map(normal, statements), *(f'value {each}' for each in found.values.get(name, ()))])}"


def _constant(statements: list[ast.AST]) -> str | None:
    """A number, a truth value or a few of them, as text. No text is shown: it may be long, or not for other eyes."""
    if len(statements) != 1 or not isinstance(statements[0], ast.Assign | ast.AnnAssign):
        return None
    value = statements[0].value
    if value is None or not all(_is_plain(each) for each in ast.walk(value)):
        return None
    written = ast.unparse(value)
    return written if len(written) <= LONGEST_SHOWN else None


def _is_plain(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float | None)
    return isinstance(
        node,
        ast.UnaryOp | ast.BinOp | ast.Tuple | ast.List | ast.operator | ast.unaryop | ast.expr_context,
    )


def _distribution(module: str) -> tuple[str, str]:
    """The package that a module comes from, and its version."""
    for name in _packages_of(module):
        try:
            return re.sub(r"[-_.]+", "-", name).lower(), metadata.version(name)
        except (metadata.PackageNotFoundError, ValueError):
            continue
    return module, UNKNOWN


def _packages_of(module: str) -> Iterator[str]:
    """Most have its own name; for the others all that is installed is looked through, which takes a while."""
    yield module
    yield from metadata.packages_distributions().get(module, ())
