"""Counts the rows that a join yields while it runs, also those that are then dropped: for progress, and as a proof."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from types import TracebackType
from typing import Self

import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

from skewguard.sql import Connection, Expression, function

NAME = "skewguard_counted"
ROWS_AT_ONCE = 200_000  # of progress: telling costs more than counting


class RowCounter:
    """A function of one connection that gives back the boolean of a row, and counts how many rows it was asked about.

    DuckDB hands it a vector of rows at a time and runs it in parallel, which it does not with a sequence of its own.
    """

    def __init__(self, connection: Connection, *, most: int, told: Callable[[int], None]) -> None:
        self._connection, self._most, self._told = connection, most, told
        self._untold, self._lock = 0, Lock()
        self.rows = 0
        self.exceeded = False

    def __enter__(self) -> Self:
        self._connection.create_function(
            NAME,
            self._count,
            ["BOOLEAN"],
            "BOOLEAN",
            type=PythonUDFType.ARROW,
            null_handling=FunctionNullHandling.SPECIAL,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.remove_function(NAME)

    def counting(self, condition: Expression) -> Expression:
        """`condition`, for which every row is counted: it is worked out for each row before it is asked here."""
        return function(NAME, condition)

    def _count(self, rows: pa.ChunkedArray) -> pa.ChunkedArray:
        with self._lock:
            self.rows += len(rows)
            self._untold += len(rows)
            if self.rows > self._most:
                self.exceeded = True
                raise OverflowError("more rows than unique keys yield")
            if self._untold >= ROWS_AT_ONCE:
                self._told(self._untold)
                self._untold = 0
        return rows
