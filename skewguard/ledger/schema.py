"""The ledger's schema: making it, recognising it, and bringing an older one up to date."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import duckdb

from skewguard import sql
from skewguard.errors.ledger import (
    ForeignLedger,
    LedgerAltered,
    LedgerEmpty,
    LedgerNewer,
    LedgerTooOld,
    LedgerUnwritable,
    LedgerWriteFailed,
)
from skewguard.ledger.file import PACKAGE, Opening, attached, current, first_line, transaction
from skewguard.version import __version__

SCHEMA_VERSION = 3
VIEWS = ("latest_features", "latest_diffs", "causes", "trend")
# Version -> the SQL that leads to it from the version before, in order. A change of the schema adds one here.
UPGRADES: Mapping[int, str] = {2: "upgrade_2", 3: "upgrade_3"}


def create(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """A ledger without runs at `path`, which appears there whole or not at all; one that is there already stays.

    `connection` has it attached only meanwhile.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".skewguard-", dir=path.parent) as folder:
            draft = Path(folder).resolve() / "ledger.duckdb"
            with attached(connection, draft, Opening.CREATE, patience=0):
                _install(connection)
            # Unlike a rename, a link cannot take the place of a ledger that another process made meanwhile.
            # Where there are no links, DuckDB makes the file in place when it is opened for writing.
            with suppress(OSError):
                os.link(draft, path)
    except LedgerWriteFailed as error:
        raise LedgerWriteFailed(path, error.reason) from error
    except duckdb.Error as error:
        raise LedgerWriteFailed(path, first_line(error)) from error
    except OSError as error:
        raise LedgerUnwritable(path, error.strerror or str(error)) from error


def found_version(connection: duckdb.DuckDBPyConnection, path: Path) -> int | None:
    """The schema version of the attached ledger; None for a database without tables.

    Raises ForeignLedger for another program's database, LedgerNewer for a later schema than this version knows,
    LedgerAltered for one that is no version.
    """
    mark = None
    with suppress(duckdb.Error):  # no table `meta`, or not with our columns
        mark = connection.execute(sql.text(PACKAGE, "identity")).fetchone()
    if mark is None:
        tables = [name for (name,) in connection.execute(sql.text(PACKAGE, "tables")).fetchall()]
        if not tables:
            return None
        raise ForeignLedger(path, [name.removeprefix("main.") for name in tables])
    version, written_by = mark
    if not isinstance(version, int):
        raise LedgerAltered(path, f"its table `meta` has {version!r} for the version of its schema")
    if version > SCHEMA_VERSION:
        raise LedgerNewer(path, found=version, known=SCHEMA_VERSION, written_by=written_by)
    return version


def require(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raises unless the attached database is a ledger that can be read."""
    if found_version(connection, path) is None:
        raise LedgerEmpty(path)


def bring_up_to_date(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    *,
    to: int = SCHEMA_VERSION,
    upgrades: Mapping[int, str] | None = None,
) -> None:
    """Make the attached database a ledger of schema version `to`, in one transaction; its runs stay.

    `upgrades` maps a version to the SQL that leads to it from the version before.
    """
    steps = {version: sql.text(PACKAGE, name) for version, name in UPGRADES.items()} if upgrades is None else upgrades
    version = found_version(connection, path)
    if version == to:
        return
    if version is None:
        _install(connection)
        return
    missing = [step for step in range(version + 1, to + 1) if step not in steps]
    if missing:
        raise LedgerTooOld(path, found=version, oldest=missing[-1])
    with current(connection), transaction(connection):
        for step in range(version + 1, to + 1):
            connection.execute(steps[step])
        for view in VIEWS:
            connection.execute(sql.text(PACKAGE, view))
        connection.execute(sql.text(PACKAGE, "mark_upgraded"), {"schema_version": to, "written_by": __version__})


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """The tables and views of a ledger of this version, without a row, in the current database."""
    for name in ("schema", *UPGRADES.values(), *VIEWS):
        connection.execute(sql.text(PACKAGE, name))


def _install(connection: duckdb.DuckDBPyConnection) -> None:
    with current(connection), transaction(connection):
        make_tables(connection)
        connection.execute(sql.text(PACKAGE, "mark"), {"schema_version": SCHEMA_VERSION, "written_by": __version__})
