"""Whether a ledger still is as skewguard makes it: any DuckDB client opens the file, and may have changed it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import duckdb

from skewguard import sql
from skewguard.errors.base import SkewguardError
from skewguard.errors.ledger import LedgerAltered, QueryFailed, TableUnknown
from skewguard.ledger.file import PACKAGE, READ_PATIENCE, Opening, attached, first_line, resolved
from skewguard.ledger.schema import UPGRADES, VIEWS, found_version
from skewguard.ledger.values import odd_value

CREATED = re.compile(r"^create table (\w+) \((.*?)^\);", re.MULTILINE | re.DOTALL)
COLUMN = re.compile(r"^ {4}(\w+) ([\w\[\]]+)", re.MULTILINE)
LONG_NAMES = {"timestamptz": "TIMESTAMP WITH TIME ZONE"}
Tables = Mapping[str, Mapping[str, str]]
# What code that trusts the ledger raises where it should not have.
ASTONISHED = (
    duckdb.Error,
    QueryFailed,
    TableUnknown,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
# What DuckDB raises where names or values are not those that a query of ours expects, rather than for want of room.
UNEXPECTED = (duckdb.CatalogException, duckdb.BinderException, duckdb.ConversionException, duckdb.InvalidInputException)


@contextmanager
def as_written(path: Path | str) -> Iterator[None]:
    """Around what relies on the ledger at `path`: where that fails because the ledger was changed, LedgerAltered."""
    try:
        yield
    except ASTONISHED as error:
        reason = altered(path)
        if reason is None and isinstance(error, UNEXPECTED):
            reason = first_line(error)
        if reason is None:
            raise
        raise LedgerAltered(resolved(path), reason) from error


def altered(path: Path | str) -> str | None:
    """What the ledger at `path` holds that skewguard does not write; None where nothing, or it cannot be read."""
    with suppress(SkewguardError, duckdb.Error), sql.connect() as connection:
        place = resolved(path)
        with attached(connection, place, Opening.READ, patience=READ_PATIENCE):
            version = found_version(connection, place)
            if version is not None:
                return departure(connection, version) or _lost_view(connection) or odd_value(connection)
    return None


def must_be_ours(connection: duckdb.DuckDBPyConnection, path: Path, version: int) -> None:
    """Raise LedgerAltered where a run could not be written to the attached ledger, of schema `version`."""
    reason = departure(connection, version)
    if reason is not None:
        raise LedgerAltered(path, reason)


def departure(connection: duckdb.DuckDBPyConnection, version: int) -> str | None:
    """The first table or column of the attached ledger that is not as schema `version` has it."""
    there: dict[str, dict[str, str]] = {}
    for table, name, kind in connection.execute(sql.text(PACKAGE, "columns_there")).fetchall():
        there.setdefault(table, {})[name] = kind
    for table, columns in tables_of(version).items():
        if table not in there:
            return f"it has no table `{table}`"
        for name, kind in columns.items():
            if name not in there[table]:
                return f"its table `{table}` has no column `{name}`"
            if there[table][name] != kind:
                return f"the column `{name}` of its table `{table}` is {there[table][name]}, not {kind}"
    return None


@cache
def tables_of(version: int) -> Tables:
    """The tables of a schema, and DuckDB's types of their columns, as the SQL that makes them says."""
    written = ["schema", *(name for number, name in UPGRADES.items() if number <= version)]
    return {
        table: {name: LONG_NAMES.get(kind, kind.upper()) for name, kind in COLUMN.findall(columns)}
        for each in written
        for table, columns in CREATED.findall(sql.text(PACKAGE, each))
    }


def _lost_view(connection: duckdb.DuckDBPyConnection) -> str | None:
    there = {name for (name,) in connection.execute(sql.text(PACKAGE, "views_there")).fetchall()}
    return next((f"it has no view `{view}`" for view in VIEWS if view not in there), None)
