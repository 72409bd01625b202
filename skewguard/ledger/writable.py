"""Whether a run could be written to a ledger, known before any work is done and without touching anything."""

from __future__ import annotations

import os
from contextlib import closing, nullcontext
from pathlib import Path

from skewguard import sql
from skewguard.errors.ledger import LedgerLocked, LedgerUnwritable, StrayLog
from skewguard.ledger.file import Opening, attached, log_of, resolved
from skewguard.ledger.schema import found_version
from skewguard.ledger.shape import must_be_ours

LOOKING_PATIENCE = 1.0  # seconds


def check_writable(path: Path | str, *, connection: sql.Connection | None = None) -> None:
    """Raise where a run could not be written to `path` later. Makes and changes nothing.

    A ledger that is locked now is fine: by the time the run is finished it may not be, and then we wait.
    Looks through `connection` where there is one already: to open another takes longer than to look.
    Raises LedgerUnwritable, StrayLog, NotALedger, ForeignLedger, LedgerNewer, LedgerAltered.
    """
    place = resolved(path)
    must_be_writable(place)
    if not place.exists():
        return
    try:
        opened = nullcontext(connection) if connection is not None else closing(sql.connect())
        with opened as ours, attached(ours, place, Opening.READ, patience=LOOKING_PATIENCE):
            version = found_version(ours, place)
            if version is not None:
                must_be_ours(ours, place, version)
    except LedgerLocked:
        return


def must_be_writable(place: Path) -> None:
    """Raise where the file system would not let us write to `place`, or make it."""
    try:
        reason = _hindrance(place)
        stray = not place.exists() and log_of(place).exists()
    except OSError as error:
        reason, stray = error.strerror or str(error), False
    if reason is not None:
        raise LedgerUnwritable(place, reason)
    if stray:
        raise StrayLog(place, log_of(place))


def _hindrance(place: Path) -> str | None:
    if place.is_dir():
        return "it is a folder"
    if not place.parent.is_dir():
        return f"there is no folder {place.parent}"
    if place.exists() and not place.is_file():
        return "it is not a file"
    if place.exists() and not os.access(place, os.R_OK | os.W_OK):
        return "the file may not be written (permission denied, or the disk is read-only)"
    if not os.access(place.parent, os.W_OK | os.X_OK):
        # DuckDB keeps its write-ahead log beside the file.
        return f"nothing may be written to the folder {place.parent} (permission denied, or the disk is read-only)"
    return None
