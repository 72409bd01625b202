"""Errors about: the ledger, its runs, and the SQL that is run on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from skewguard.errors.base import SkewguardError, near
from skewguard.errors.spelling import option

ANOTHER_FILE = f"Name another file with {option('db')}."


class LedgerError(SkewguardError):
    """Base of this module's errors."""


class LedgerMissing(LedgerError):
    """Reading was asked of a ledger that does not exist; reading never makes one."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"There is no ledger at {path}.",
            next_step=f"Run `skewguard check` or `skewguard diff` to write one. {ANOTHER_FILE}",
        )


class LedgerEmpty(LedgerError):
    """A DuckDB file without a single table."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is an empty DuckDB file: no run was ever written to it.",
            next_step=f"Run `skewguard check` to write one. {ANOTHER_FILE}",
        )


class NotALedger(LedgerError):
    """The file is not a database of this DuckDB at all, or is damaged."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} cannot be read as a ledger: {reason}", next_step=f"It was left as it is. {ANOTHER_FILE}"
        )


class ForeignLedger(LedgerError):
    """A DuckDB file that another program wrote."""

    def __init__(self, path: Path, tables: Iterable[str]) -> None:
        super().__init__(
            f"{path} is a DuckDB file of another program, not a skewguard ledger.",
            known=f"It holds: {', '.join(sorted(tables)[:5])}.",
            next_step=f"It was left as it is. {ANOTHER_FILE}",
        )


class LedgerNewer(LedgerError):
    """The ledger has a schema that this version does not know."""

    def __init__(self, path: Path, *, found: int, known: int, written_by: str) -> None:
        super().__init__(
            f"{path} was written by a newer skewguard ({written_by}): its schema is version {found}, "
            f"and this skewguard knows versions up to {known}.",
            next_step=f"Upgrade skewguard. {ANOTHER_FILE}",
        )


class LedgerTooOld(LedgerError):
    """The ledger has a schema from which no upgrade leads here."""

    def __init__(self, path: Path, *, found: int, oldest: int) -> None:
        super().__init__(
            f"{path} has schema version {found}; this skewguard upgrades ledgers from version {oldest} on.",
            next_step=f"Upgrade it with an earlier skewguard first. {ANOTHER_FILE}",
        )


class LedgerLocked(LedgerError):
    """Another process kept the ledger open for longer than we waited."""

    def __init__(self, path: Path, *, waited: float, holder: str | None, kept: Path | None = None) -> None:
        who = holder or "another process or thread"
        self.waited, self.holder, self.kept = waited, holder, kept
        super().__init__(
            f"The ledger {path} is locked by {who}, and still was after {waited:.0f} seconds of waiting.",
            known=f"The run is not lost: it was written to {kept}." if kept else "",
            next_step=(
                f"Read it with `skewguard sql --db {kept}`; next time close the other program first."
                if kept
                else f"Close the other program and try again. {ANOTHER_FILE}"
            ),
        )


class LedgerUnwritable(LedgerError):
    """The ledger, or its folder, cannot be written to."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"The ledger {path} cannot be written: {reason.rstrip('.')}.", next_step=ANOTHER_FILE)


class LedgerWriteFailed(LedgerError):
    """Writing began and failed; it was undone as a whole."""

    def __init__(self, path: Path, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"The run could not be written to the ledger {path}: {reason}",
            known="Nothing of it was written, and the earlier runs are as they were.",
            next_step=f"Where the disk is full, free some space, or name a file on another one with {option('db')}.",
        )


class StrayLog(LedgerError):
    """A write-ahead log lies where the ledger should be, and belongs to another file."""

    def __init__(self, path: Path, log: Path) -> None:
        super().__init__(
            f"{log} is the write-ahead log of a ledger that is no longer at {path}.",
            next_step=f"Put that ledger back, or remove {log} if you do not need the runs in it.",
        )


class LedgerAltered(LedgerError):
    """What a ledger holds is not as skewguard writes it: another program has been at it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The ledger {path} holds what skewguard does not write: {reason.rstrip('.')}.",
            next_step=f"Name another run, or another ledger with {option('db')}; `skewguard sql` reads it as it is.",
        )


class QueryRefused(LedgerError):
    """A statement that is not a question, or not exactly one."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The query was not run: {reason}.",
            known="The ledger is only read here, by one SELECT, FROM, WITH, VALUES, PIVOT, DESCRIBE, SHOW, SUMMARIZE "
            "or EXPLAIN.",
            next_step="To do more, open the file in any DuckDB client.",
        )


class QueryFailed(LedgerError):
    """DuckDB could not answer the query; `tables` maps those that it may have meant to their columns."""

    def __init__(self, reason: str, tables: Mapping[str, Iterable[str]] | None = None) -> None:
        known = "; ".join(f"of {table}: {', '.join(names)}" for table, names in (tables or {}).items())
        super().__init__(
            f"The query failed: {reason}",
            known=f"Columns {known}." if known else "",
            next_step="`skewguard sql 'show tables'` lists the tables, `skewguard sql 'describe diffs'` one's columns.",
        )


class TableUnknown(LedgerError):
    """The query names a table that the ledger does not have."""

    def __init__(self, table: str, known: Iterable[str]) -> None:
        super().__init__(
            f"The query failed: the ledger has no table {table!r}.",
            known=f"It has: {', '.join(sorted(known))}.",
            next_step="`skewguard sql 'describe diffs'` shows the columns of one.",
        )


class FormatUnfit(LedgerError):
    """A result that the format asked for cannot hold."""

    def __init__(self, format_name: str, reason: str) -> None:
        super().__init__(
            f"The result cannot be written as {format_name}: {reason}",
            next_step=f"Cast the column to VARCHAR, or choose another {option('format')}.",
        )


class NoRuns(LedgerError):
    """A run was asked for in a ledger that holds none."""

    def __init__(self) -> None:
        super().__init__("The ledger holds no run yet.", next_step="Run `skewguard check` to write one.")


class RunUnknown(LedgerError):
    """No run of the ledger has that id, prefix or age."""

    def __init__(self, reference: str, known: Iterable[str]) -> None:
        names = list(known)
        super().__init__(
            f"{reference!r} names no run: the ledger holds {len(names)}.",
            known=near(reference, names),
            next_step="`skewguard runs` lists them; `latest` and `latest~1` work too.",
        )


class RunAmbiguous(LedgerError):
    """A prefix that several runs share."""

    def __init__(self, prefix: str, matches: Iterable[str]) -> None:
        names = sorted(matches)
        super().__init__(
            f"{prefix!r} is the beginning of {len(names)} runs.",
            known=f"They are: {', '.join(names[:5])}{', …' if len(names) > 5 else ''}.",
            next_step="Give more of the id.",
        )


class FeatureUnknown(LedgerError):
    """No such feature in the run that was named, or in any."""

    def __init__(self, feature: str, run_id: str | None, known: Iterable[str]) -> None:
        names = list(known)
        where = "No run in the ledger" if run_id is None else f"Run {run_id}"
        super().__init__(
            f"{where} {'has a' if run_id is None else 'has no'} feature {feature!r}.",
            known=near(feature, names),
            next_step="A feature is `view:name`; `skewguard sql 'select feature from latest_features'` lists them.",
        )


class NothingWasCompared(LedgerError):
    """A run that says nothing about skew: it compared no cell."""

    def __init__(self, run_id: str, command: str, comparable: Sequence[str] = ()) -> None:
        super().__init__(
            f"Run {run_id} (`skewguard {command}`) compared no cell, so nothing can be said to be new or fixed.",
            known=_newest("that did compare", comparable),
            next_step="Name other runs; `skewguard runs` lists them.",
        )


class NoCheckToGoBy(LedgerError):
    """A baseline that is the run of another command: by it, all skew would be new."""

    def __init__(self, run_id: str, command: str, checks: Sequence[str] = ()) -> None:
        super().__init__(
            f"Run {run_id} is of `skewguard {command}`, and says nothing of what a check finds.",
            known=_newest("checks", checks),
            next_step=f"Name one of them with {option('baseline')}." if checks else f"Leave {option('baseline')} out.",
        )


def _newest(which: str, run_ids: Sequence[str]) -> str:
    return f"The newest {which}: {', '.join(run_ids[:3])}." if run_ids else ""
