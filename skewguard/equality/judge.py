"""Lets SQL ask the specification itself, for the pairs of types that macros do not cover."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa
from duckdb import Expression, FunctionExpression
from duckdb.func import FunctionNullHandling, PythonUDFType

from skewguard.equality.equal import kind_of
from skewguard.equality.plain import plain
from skewguard.equality.rules import Rule
from skewguard.equality.show import texts_of
from skewguard.model import Kind

CODES = {Kind.MATCH: 0, Kind.MISMATCH: 1, Kind.MISSING_ONLINE: 2, Kind.MISSING_OFFLINE: 3}


class Judge:
    """Registers Python functions on one connection, for as long as the comparison lasts."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._names: dict[Any, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in self._names.values():
            self._connection.remove_function(name)

    def code(self, rule: Rule, offline: Expression, online: Expression, types: tuple[Any, Any]) -> Expression:
        """The code (see codes.sql) of two values by the specification."""

        def judged(offline: pa.ChunkedArray, online: pa.ChunkedArray) -> pa.Array:
            pairs = zip(plain(offline), plain(online), strict=True)
            return pa.array([CODES[kind_of(first, second, rule)] for first, second in pairs], pa.int8())

        name = self._registered((rule, str(types[0]), str(types[1])), judged, list(types), "TINYINT")
        return FunctionExpression(name, offline, online)

    def shown(self, value: Expression, physical: Any) -> Expression:
        """The text of a nested value."""
        return FunctionExpression(self._registered(str(physical), texts_of, [physical], "VARCHAR"), value)

    def _registered(self, key: Any, function: Any, parameters: list[Any], returned: str) -> str:
        if key not in self._names:
            name = f"skewguard_judge_{len(self._names)}"
            self._connection.create_function(
                name,
                function,
                parameters,
                returned,
                type=PythonUDFType.ARROW,
                null_handling=FunctionNullHandling.SPECIAL,
            )
            self._names[key] = name
        return self._names[key]
