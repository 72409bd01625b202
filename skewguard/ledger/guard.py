"""Which SQL may be run on a ledger: one question, and nothing that changes anything."""

from __future__ import annotations

import re
from typing import Any

import duckdb

from skewguard.errors.ledger import QueryFailed, QueryRefused
from skewguard.ledger.file import first_line

EXPLAIN = re.compile(r"\s*explain\s+(?:analyze\s+)?(?:\([^()]*\)\s*)?", re.IGNORECASE)
Kind = duckdb.StatementType


def question(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """The one statement in `query`, where it only asks. Raises QueryRefused, or QueryFailed where it does not parse.

    The list of what is allowed is the first lock; the second is the database, which is attached read-only, without
    access to files, and with its settings locked. So what the list cannot see (an insert in a WITH) still fails.
    """
    statements = _parsed(connection, query)
    if len(statements) != 1:
        raise QueryRefused("it is empty" if not statements else f"it has {len(statements)} statements, not one")
    (statement,) = statements
    match _kind(statement):
        case Kind.SELECT:  # FROM, WITH, VALUES, DESCRIBE, SHOW and SUMMARIZE too
            pass
        case Kind.EXPLAIN:
            question(connection, EXPLAIN.sub("", statement.query, count=1))
        case Kind.MULTI if _is_table(connection, statement.query):  # a PIVOT looks up its columns first
            pass
        case other:
            kind = "" if other is None else f" ({other.name.replace('_', ' ').lower()} statement)"
            raise QueryRefused(f"it would change something{kind}")
    return str(statement.query)


def _parsed(connection: duckdb.DuckDBPyConnection, query: Any) -> list[duckdb.Statement]:
    if not isinstance(query, str):  # from Python
        raise QueryRefused("it is no text")
    if not query.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in query):
        raise QueryRefused("it holds bytes that are no UTF-8")
    try:
        return connection.extract_statements(query)
    except duckdb.Error as error:
        raise QueryFailed(first_line(error)) from error


def _kind(statement: duckdb.Statement) -> duckdb.StatementType | None:
    try:
        return statement.type
    except ValueError:  # DuckDB has kinds (CONNECT) for which its Python package has no name
        return None


def _is_table(connection: duckdb.DuckDBPyConnection, query: str) -> bool:
    """Whether `query` could stand where a table stands; a CREATE, INSERT or COPY around a PIVOT could not."""
    try:
        return len(connection.extract_statements(f"from (\n{query.rstrip().rstrip(';')}\n)")) == 1
    except duckdb.Error:
        return False
