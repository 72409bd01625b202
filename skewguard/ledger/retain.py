"""Dropping old runs from the ledger, and giving back the room that they took."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import duckdb

from skewguard import sql
from skewguard.errors.ledger import LedgerMissing, LedgerWriteFailed
from skewguard.ledger.file import (
    ALIAS,
    PACKAGE,
    WRITE_PATIENCE,
    Opening,
    Pause,
    attached,
    first_line,
    resolved,
    transaction,
)
from skewguard.ledger.schema import SCHEMA_VERSION, bring_up_to_date, require
from skewguard.ledger.shape import must_be_ours

TABLES = (
    *("diffs", "entity_rows", "examples", "features", "contract", "waived", "laws", "places", "latency", "leakage"),
    *("remarks", "waivers", "event_times"),
    "runs",  # last: it says which are old
)
WORTH_REWRITING = 16  # blocks of 256 KiB


def keep_runs(path: Path | str, keep: int, *, patience: float = WRITE_PATIENCE, pause: Pause = time.sleep) -> int:
    """Drop all but the newest `keep` runs of the ledger at `path`, from all tables at once; how many were dropped."""
    place = resolved(path)
    if not place.exists():
        raise LedgerMissing(place)
    with sql.connect() as connection:
        with attached(connection, place, Opening.READ, patience=patience, pause=pause):
            require(connection, place)  # another program's file is not even opened for writing
        with attached(connection, place, Opening.WRITE, patience=patience, pause=pause):
            bring_up_to_date(connection, place)
            must_be_ours(connection, place, SCHEMA_VERSION)
            dropped = _drop(connection, place, keep)
            if dropped:
                _compact(connection)
    return dropped


def _drop(connection: duckdb.DuckDBPyConnection, place: Path, keep: int) -> int:
    before = len(connection.execute(sql.text(PACKAGE, "run_ids")).fetchall())
    try:
        with transaction(connection):
            for table in TABLES:
                connection.execute(sql.text(PACKAGE, f"forget_{table}"), {"keep": keep})
    except duckdb.Error as error:
        raise LedgerWriteFailed(place, first_line(error)) from error
    return max(before - keep, 0)


def _compact(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the file smaller where more than half of it is free. Where that fails the room is used by later runs."""
    with suppress(duckdb.Error):
        connection.execute(f"checkpoint {ALIAS}")
        space = connection.execute(sql.text(PACKAGE, "free_space")).fetchone()
        if space is None or space[0] < WORTH_REWRITING or space[1] * 2 < space[0]:
            return
        with transaction(connection):
            connection.execute(sql.text(PACKAGE, "rewrite"))
        connection.execute(f"checkpoint {ALIAS}")
