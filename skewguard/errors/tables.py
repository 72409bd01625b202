"""Errors about: the two tables of `diff`, their files, keys and columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from skewguard.errors.base import SkewguardError, near
from skewguard.errors.spelling import option


class TableError(SkewguardError):
    """Base of this module's errors."""


class TableMissing(TableError):
    """Nothing lies at the path of a table."""

    def __init__(self, role: str, path: str, beside: Iterable[str]) -> None:
        super().__init__(
            f"The {role} table is to be read from {path}, where there is nothing.",
            known=near(path.rstrip("/").rpartition("/")[2], beside),
            next_step="Correct the path.",
        )


class TableUnreadable(TableError):
    """Something is there, but it cannot be read as a table."""

    def __init__(self, role: str, path: str, reason: str) -> None:
        super().__init__(
            f"The {role} table {path} cannot be read: {reason.strip().rstrip('.')}.",
            next_step="Give a Parquet file, a CSV file, or FILE.duckdb::table.",
        )


class RowsUnreadable(TableError):
    """The tables could be opened, and some of their rows not be read or compared."""

    def __init__(self, offline: str, online: str, reason: str) -> None:
        super().__init__(
            f"Not all rows of {offline} and {online} can be read and compared: {reason.strip().rstrip('.')}.",
            next_step=f"Correct the row that is named, or leave its column out with {option('ignore')}.",
        )


class TableInLedger(TableError):
    """A table of the very ledger that the run is to be written to."""

    def __init__(self, role: str, path: str) -> None:
        super().__init__(
            f"The {role} table is in {path}, the ledger that this run is to be written to.",
            next_step=f"Name another ledger with {option('db')}.",
        )


class TableNotInDatabase(TableError):
    """A DuckDB file has no table of that name, or was given without one."""

    def __init__(self, role: str, path: str, table: str, known: Sequence[str]) -> None:
        what = f"has no table {table!r}" if table else "is a database, and no table of it was named"
        super().__init__(
            f"The {role} database {path} {what}.",
            known=near(table, known) if table else f"It has: {', '.join(sorted(known)[:10]) or 'no table'}.",
            next_step=f"Write {path}::TABLE.",
        )


class UnknownColumn(TableError):
    """An option names a column that a table does not have."""

    def __init__(self, asked_by: str, name: str, role: str, known: Iterable[str]) -> None:
        super().__init__(
            f"{option(asked_by)} names the column {name!r}, which the {role} table does not have.",
            known=near(name, known),
            next_step="Correct the name; names are compared as they are written, upper and lower case apart.",
        )


class MappedTwice(TableError):
    """Two columns of the online table would stand for one of the offline table."""

    def __init__(self, offline: str, online: Sequence[str]) -> None:
        names = " and ".join(map(repr, online))
        super().__init__(
            f"After {option('map')}, the columns {names} of the online table both stand for {offline!r} of the "
            "offline table.",
            next_step=f"Map one of them to another column, or leave it out with {option('columns')}.",
        )


class KeyIsNull(TableError):
    """Rows that no key identifies."""

    def __init__(self, role: str, count: int, columns: Sequence[str], example: str) -> None:
        super().__init__(
            f"{count:,} {'row' if count == 1 else 'rows'} of the {role} table "
            f"{'has' if count == 1 else 'have'} a null in the key ({', '.join(columns)}), "
            f"for example {example}.",
            next_step=f"Choose another {option('key')}, remove these rows, or pair them up with "
            f"{option('duplicates', 'match')}.",
        )


class KeyNotUnique(TableError):
    """Several rows of one key: which of them is to be compared with which?"""

    def __init__(self, role: str, count: int, columns: Sequence[str], example: str, times: int) -> None:
        super().__init__(
            f"{count:,} {'key' if count == 1 else 'keys'} ({', '.join(columns)}) "
            f"{'stands' if count == 1 else 'stand'} in more than one row of the {role} table, "
            f"for example {example} in {times:,} rows.",
            next_step=f"Add a column to {option('key')}, remove the duplicates, or pair them up with "
            f"{option('duplicates', 'match')}.",
        )


class KeyTypesDisagree(TableError):
    """A key column is, say, text in one table and a number in the other."""

    def __init__(self, name: str, offline: str, online: str) -> None:
        super().__init__(
            f"The key column {name!r} is {offline} in the offline table and {online} in the online table: "
            "no row of the one can be told to be a row of the other.",
            next_step=f"Write the column in one type, or choose another {option('key')}.",
        )


class KeyTimesTooFine(TableError):
    """Times as fine as nanoseconds are in one table, and in the other such that nanoseconds do not reach."""

    def __init__(self, name: str, role: str, fine: str, far: str) -> None:
        other = "online" if role == "offline" else "offline"
        super().__init__(
            f"The key column {name!r} is in nanoseconds in the {role} table, with times such as {fine}, and has times "
            f"such as {far} in the {other} table, which nanoseconds do not reach: the two have no type in common.",
            next_step=f"Round the times of the {role} table to microseconds, or leave the others out.",
        )


class KeyCannotBe(TableError):
    """A key column of a type that identifies nothing."""

    def __init__(self, name: str, physical: str) -> None:
        super().__init__(
            f"The column {name!r} cannot be a key: its type is {physical}.",
            next_step=f"Choose a {option('key')} of numbers, text, dates or times.",
        )


class NothingInCommon(TableError):
    """There is no cell to compare."""

    def __init__(self, why: str, *, known: str = "", next_step: str) -> None:
        super().__init__(f"Nothing can be compared: {why}.", known=known, next_step=next_step)
