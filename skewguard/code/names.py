"""Which names of its module a statement uses."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator

from skewguard.code.normal import declares

Chain = tuple[str, ...]


def global_names(statement: ast.stmt) -> set[str]:
    """The names that the statement looks up in its module, as Python's own scope rules have it."""
    table = symtable.symtable(ast.unparse(_undeclared(statement)), "<code>", "exec")
    names = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    pending = list(table.get_children())
    while pending:
        scope = pending.pop()
        names |= {symbol.get_name() for symbol in scope.get_symbols() if symbol.is_global()}
        pending += scope.get_children()
    return names


def local_imports(statement: ast.stmt) -> set[str]:
    """The names that functions inside the statement import for themselves."""
    imports = (node for node in ast.walk(statement) if isinstance(node, ast.Import | ast.ImportFrom))
    return {alias.asname or alias.name.partition(".")[0] for node in imports for alias in node.names}


def chains(statement: ast.stmt) -> set[Chain]:
    """Every name that is read, with the attributes asked of it: `rolling.windows` as ("rolling", "windows")."""
    return set(_chains(_undeclared(statement)))


def _chains(node: ast.AST) -> Iterator[Chain]:
    attributes: list[str] = []
    inner = node
    while isinstance(inner, ast.Attribute):
        attributes.insert(0, inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name):
        yield (inner.id, *attributes)
        return
    for child in ast.iter_child_nodes(inner):
        yield from _chains(child)


def _undeclared(statement: ast.stmt) -> ast.stmt:
    """Without the decorators that declare a transform or a view: their content is the declaration, not code."""
    if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return statement
    fields = dict(ast.iter_fields(statement))
    fields["decorator_list"] = [each for each in statement.decorator_list if not declares(each)]
    return ast.copy_location(type(statement)(**fields), statement)
