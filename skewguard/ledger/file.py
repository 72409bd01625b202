"""The ledger's file: attached to a DuckDB of ours, with patience for whoever else has it open."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from enum import StrEnum
from pathlib import Path

import duckdb

from skewguard import sql
from skewguard.errors.ledger import (
    LedgerError,
    LedgerLocked,
    LedgerMissing,
    LedgerUnwritable,
    LedgerWriteFailed,
    NotALedger,
    StrayLog,
)

PACKAGE = "skewguard.ledger"
# Every connection attaches the ledger under this name, so that a view or a query is the same everywhere.
ALIAS = "skewguard"
WRITE_PATIENCE = 30.0  # seconds: a run is written in a few, a person who looks at the file may take longer
READ_PATIENCE = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5
LOCKED = ("Could not set lock on file", "is already attached by database")
HOLDER = re.compile(r"lock is held in (?P<program>.+?) \(PID (?P<process>\d+)\)")

Pause = Callable[[float], None]


class Opening(StrEnum):
    """What the file is opened for; the values name the SQL that does it."""

    CREATE = "attach_to_create"
    WRITE = "attach_to_write"
    READ = "attach_to_read"


def resolved(path: Path | str) -> Path:
    """The one name of the file: absolute, links followed, so that DuckDB notices a second opening in this process."""
    try:
        return Path(path).expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, an unknown home, or no path at all
        raise LedgerUnwritable(Path(path), str(error)) from error


def log_of(path: Path) -> Path:
    """DuckDB's write-ahead log of the file: there while it is written, and after a writer was killed."""
    return path.with_name(path.name + ".wal")


@contextmanager
def attached(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    opening: Opening,
    *,
    patience: float,
    pause: Pause = time.sleep,
) -> Iterator[None]:
    """The file at `path` as the database `skewguard` of `connection`; waits up to `patience` seconds for its lock."""
    _attach(connection, path, opening, patience, pause)
    try:
        with nullcontext() if opening is Opening.READ else _written_at_once(connection):
            yield
    finally:
        # Folds the write-ahead log into the file. Where that fails (a full disk) the log still holds the run.
        with suppress(duckdb.Error):
            connection.execute(f"detach {ALIAS}")


@contextmanager
def _written_at_once(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """A commit goes into the file, rather than into a log that is then read back and folded into the file.

    Only meanwhile: it holds for the memory of the connection too, where each statement would take a tenth longer.
    """
    connection.execute("set checkpoint_threshold = '0b'")
    try:
        yield
    finally:
        with suppress(duckdb.Error):  # after a full disk nothing can be asked, and that has been said
            connection.execute("reset checkpoint_threshold")


@contextmanager
def current(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """While it lasts, unqualified names mean the ledger's."""
    row = connection.execute("select current_catalog(), current_schema()").fetchone()
    assert row is not None
    connection.execute(f"use {ALIAS}")
    try:
        yield
    finally:
        connection.execute(f"use {sql.quoted(row[0])}.{sql.quoted(row[1])}")


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing, also where the process is interrupted or the disk is full."""
    connection.execute("begin transaction")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        with suppress(duckdb.Error):  # a failed commit has undone itself
            connection.execute("rollback")
        raise


def pauses(patience: float) -> Iterator[float]:
    """Growing waits that add up to `patience` seconds."""
    remaining, step = patience, FIRST_PAUSE
    while remaining > 0:
        yield min(step, remaining)
        remaining -= step
        step = min(step * 1.5, LONGEST_PAUSE)


def first_line(error: BaseException) -> str:
    """What DuckDB says, as a sentence: without the class in front and the copy of the query behind."""
    message = str(error).split("\n\nLINE ")[0]
    said = re.sub(r"\s+", " ", re.sub(r"^[\w ]+ Error: ", "", message)).strip()
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, opening: Opening, patience: float, pause: Pause) -> None:
    text = sql.text(PACKAGE, opening)
    for wait in (*pauses(patience), None):
        try:
            connection.execute(text, {"path": str(path)})
            return
        except duckdb.Error as error:
            if not any(sign in str(error) for sign in LOCKED):
                raise _refusal(path, error) from error
            if wait is None:
                raise LedgerLocked(path, waited=patience, holder=_holder(error)) from error
        pause(wait)


def _holder(error: duckdb.Error) -> str | None:
    found = HOLDER.search(str(error))
    return found and f"{Path(found['program']).name} (process {found['process']})"


def _refusal(path: Path, error: duckdb.Error) -> LedgerError:
    """What a failed attempt to open the file means to the user."""
    message = str(error)
    match message:
        case _ if "database does not exist" in message:
            return LedgerMissing(path)
        case _ if "WAL does not match" in message:
            return StrayLog(path, log_of(path))
        case _ if "not a valid DuckDB database file" in message:
            empty = path.is_file() and path.stat().st_size == 0
            return NotALedger(path, "the file is empty." if empty else "it is not a DuckDB file.")
        case _ if "Could not write" in message:  # the disk is full
            return LedgerWriteFailed(path, first_line(error))
        case _ if "Is a directory" in message:
            return NotALedger(path, "it is a folder.")
        case _ if "No such file or directory" in message:
            return LedgerUnwritable(path, f"there is no folder {path.parent}")
        case _ if "ermission denied" in message or "Read-only file system" in message:
            return LedgerUnwritable(path, first_line(error))
        case _:
            return NotALedger(path, f"DuckDB says: {first_line(error)}")
