"""Reading a ledger: read-only, with no way from SQL to anything but the ledger itself."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from skewguard import sql
from skewguard.errors.ledger import LedgerMissing, LedgerUnwritable, NotALedger, QueryFailed, TableUnknown
from skewguard.ledger.file import PACKAGE, READ_PATIENCE, Opening, Pause, attached, current, first_line, resolved
from skewguard.ledger.guard import question
from skewguard.ledger.schema import require

# After these a query can neither read nor write a file, see a Python variable, load an extension or a secret,
# nor undo any of it. The first must come first: it is about files too.
LOCKS: Mapping[str, str] = {
    "temp_directory": "''",
    "python_enable_replacements": "false",
    "allow_persistent_secrets": "false",
    "allow_community_extensions": "false",
    "enable_external_access": "false",
    "lock_configuration": "true",
}
LOST_IN_ARROW = frozenset({"UHUGEINT", "BIGNUM", "BIT", "TIME WITH TIME ZONE"})
DUCKDB_TYPE = b"duckdb_type"
MISSING_TABLE = re.compile(r"Table with name (.+?) does not exist")


@contextmanager
def open_ledger(
    path: Path | str, *, patience: float = READ_PATIENCE, pause: Pause = time.sleep
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in which the ledger at `path` can only be read; times are UTC.

    Whoever writes meanwhile has to wait until it is closed, so keep it open no longer than needed.
    Raises LedgerMissing, LedgerEmpty, NotALedger, ForeignLedger, LedgerNewer, LedgerLocked.
    """
    place = _present(path)
    with sql.connect() as connection, attached(connection, place, Opening.READ, patience=patience, pause=pause):
        require(connection, place)
        with current(connection):
            for setting, value in LOCKS.items():
                connection.execute(f"set {setting} = {value}")
            yield connection


def query(path: Path | str, text: str, *, patience: float = READ_PATIENCE, pause: Pause = time.sleep) -> pa.Table:
    """The answer of the ledger at `path` to one question, columns of one name numbered (`a`, `a_1`).

    Each field's metadata has DuckDB's type under `duckdb_type`: Arrow does not tell JSON from text.
    Raises QueryRefused, QueryFailed, and what `open_ledger` raises.
    """
    with open_ledger(path, patience=patience, pause=pause) as connection:
        return ask(connection, text)


def ask(connection: duckdb.DuckDBPyConnection, text: str) -> pa.Table:
    """As `query`, of a ledger that is open."""
    allowed = question(connection, text)
    try:
        relation = connection.sql(allowed)
        names, types = relation.columns, [str(each) for each in relation.types]
        answer = _without_loss(relation, types).to_arrow_table()
    except (duckdb.Error, RuntimeError, ValueError) as error:
        raise _failure(connection, allowed, error) from error
    marked = zip(answer.schema, _distinct(names), types, strict=True)
    schema = pa.schema([each.with_name(name).with_metadata({DUCKDB_TYPE: kind}) for each, name, kind in marked])
    return pa.Table.from_arrays(answer.columns, schema=schema)


def _without_loss(relation: sql.Relation, types: Sequence[str]) -> sql.Relation:
    """With what Arrow has no type for as text, of which DuckDB makes other values else; columns by their place."""
    if not LOST_IN_ARROW.intersection(types):
        return relation
    places = (f"#{at}::varchar" if kind in LOST_IN_ARROW else f"#{at}" for at, kind in enumerate(types, start=1))
    return relation.select(", ".join(places))


def _present(path: Path | str) -> Path:
    try:
        place = resolved(path)
        if place.is_dir():
            raise NotALedger(place, "it is a folder.")
        if place.is_fifo():  # to open it would be to wait for whoever writes
            raise NotALedger(place, "it is a pipe.")
        if not place.exists():
            raise LedgerMissing(place)
    except (OSError, LedgerUnwritable) as error:
        raise NotALedger(Path(path), str(error)) from error
    return place


def _distinct(names: Sequence[str]) -> list[str]:
    taken: list[str] = []
    for name in names:
        free, number = name, 0
        while free in taken or (number and free in names):
            number += 1
            free = f"{name}_{number}"
        taken.append(free)
    return taken


def _failure(connection: duckdb.DuckDBPyConnection, query: str, error: Exception) -> QueryFailed | TableUnknown:
    """What the user needs to know to ask again: the tables there are, or the columns of those that were named."""
    known: dict[str, list[str]] = dict(connection.execute(sql.text(PACKAGE, "columns")).fetchall())
    if (missing := MISSING_TABLE.search(str(error))) is not None:
        return TableUnknown(missing[1], known)
    if not isinstance(error, duckdb.BinderException):  # the others are not about names
        return QueryFailed(first_line(error))
    words = set(re.findall(r"\w+", query.lower()))
    return QueryFailed(first_line(error), {name: columns for name, columns in known.items() if name in words})
