"""DuckDB for the SQL stages: opening the one connection of a check, and reading SQL kept in files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import Any

import duckdb

# The names that other modules know DuckDB by, so that only SQL stages import it.
Connection = duckdb.DuckDBPyConnection
Relation = duckdb.DuckDBPyRelation
Expression = duckdb.Expression
Error = duckdb.Error
# What goes wrong with the rows that are read, rather than with a query.
RowsError = (
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.IOException,
    duckdb.OutOfRangeException,
)
DataType = duckdb.sqltypes.DuckDBPyType
case = duckdb.CaseExpression
constant = duckdb.ConstantExpression
function = duckdb.FunctionExpression


def connect(*, memory_limit: str | None = None, spill_folder: str | None = None) -> duckdb.DuckDBPyConnection:
    """A private in-memory database, in UTC, that downloads nothing and shows no progress of its own."""
    connection = duckdb.connect(":memory:")
    connection.execute("set timezone = 'UTC'")
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set autoload_known_extensions = false")
    connection.execute("set enable_progress_bar = false")
    # Every step of a relation looks at the file's columns again; a file that changed meanwhile is noticed.
    connection.execute("set parquet_metadata_cache = true")
    if memory_limit is not None:
        connection.execute("set memory_limit = ?", [memory_limit])
    if spill_folder is not None:
        spill_to(connection, spill_folder)
    return connection


def spill_to(connection: Connection, folder: str) -> None:
    """Where the connection puts what does not fit into memory; to be said before anything did not."""
    connection.execute("set temp_directory = ?", [folder])


@cache
def text(package: str, name: str) -> str:
    """The text of `name`.sql kept beside the Python of `package`."""
    return resources.files(package).joinpath(f"{name}.sql").read_text(encoding="utf-8")


def column(name: str, *rest: str) -> Expression:
    """The column of that name, or of a table and a name. One that is called `*` DuckDB's own takes for all of them."""
    return duckdb.SQLExpression(quoted(name)) if (name, *rest) == ("*",) else duckdb.ColumnExpression(name, *rest)


def is_nan(value: Expression) -> Expression:
    """Whether a float is NaN. Of a Parquet file DuckDB answers isnan() and = from bounds, which leave NaN out."""
    return function("starts_with", value.cast("VARCHAR"), constant("nan"))


def quoted(identifier: str) -> str:
    """An identifier as DuckDB reads it whatever characters it has; the only place where one is quoted."""
    return '"' + identifier.replace('"', '""') + '"'


def project(relation: Relation, expressions: Iterable[Expression]) -> Relation:
    """`relation.select`, for many expressions: DuckDB's own holds each of them against the name of each column."""
    return relation.select(", ".join(f"{each} as {quoted(each.get_name())}" for each in expressions))


def bind(connection: Connection, name: str, relation: Relation) -> None:
    """Make `relation` what the SQL files read as `name`."""
    relation.create_view(name, replace=True)


def keep(connection: Connection, name: str, relation: Relation) -> None:
    """Compute `relation` once and make its rows what the SQL files read as `name`."""
    connection.execute(f"drop table if exists {quoted(name)}")
    relation.create(name)


def let_go(connection: Connection, beginning: str) -> None:
    """Drop all that SQL files read under names that begin so: views hold the tables that they read in memory."""
    for kind in ("view", "table"):
        catalog = connection.table_function(f"duckdb_{kind}s").filter("not internal").select(f"{kind}_name")
        for (name,) in catalog.fetchall():
            if name.startswith(beginning):
                connection.execute(f"drop {kind} {quoted(name)}")


def run(connection: Connection, package: str, name: str, **parameters: Any) -> Relation:
    """The relation that `name`.sql of `package` describes."""
    return connection.sql(text(package, name), params=parameters or None)


@contextmanager
def interrupts() -> Iterator[None]:
    """Makes Ctrl-C a KeyboardInterrupt also while DuckDB works, which else wraps it in an error of its own."""
    try:
        yield
    except (RuntimeError, duckdb.Error) as error:
        if any(sign in str(error) for sign in ("Query interrupted", "KeyboardInterrupt", "Interrupted!")):
            raise KeyboardInterrupt from error
        raise
