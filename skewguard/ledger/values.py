"""Values in the ledger that skewguard never writes: what its nouns cannot be, another program put in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import UnionType
from typing import Any, get_args, get_type_hints

import duckdb

from skewguard import sql
from skewguard.ledger.beside import Remark
from skewguard.ledger.file import ALIAS
from skewguard.model import (
    ContractFinding,
    EventTime,
    FeatureResult,
    Kind,
    Latency,
    LawResult,
    Leaked,
    Place,
    RunRecord,
    Waived,
)
from skewguard.vocabulary import Blame

# Beyond these Python has no time and no timedelta.
PYTHONS_TIMES = ("0001-01-01 00:00:00+00", "10000-01-01 00:00:00+00")
LONGEST_DAYS = 999_999_999
SECONDS_OF_A_DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class _Cell:
    row_id: int
    feature: str
    entity: Mapping[str, Any]
    kind: Kind
    skewed: bool
    blame: Blame | None
    evidence: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class _Row:
    row_id: int
    entity: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class _Said:
    kind: Remark
    message: str


@dataclass(frozen=True, kw_only=True)
class _LookedPast:
    feature: str
    cause: str
    cells: int


@dataclass(frozen=True, kw_only=True)
class _Shown:
    feature: str
    row_id: int


NOUNS: Mapping[str, type] = {
    "runs": RunRecord,
    "features": FeatureResult,
    "entity_rows": _Row,
    "diffs": _Cell,
    "laws": LawResult,
    "remarks": _Said,
    "waived": _LookedPast,
    "contract": ContractFinding,
    "examples": _Shown,
    "places": Place,
    "latency": Latency,
    "leakage": Leaked,
    "waivers": Waived,
    "event_times": EventTime,
}


def odd_value(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The first value of the attached ledger, all of whose columns are there, that its noun cannot hold."""
    for table, noun in NOUNS.items():
        try:
            rows = connection.table(f"{ALIAS}.main.{table}")
        except duckdb.CatalogException:  # of a later schema
            continue
        types = dict(zip(rows.columns, map(str, rows.types), strict=True))
        for name, kind in types.items():
            for wrong, what in _wrongs(name, kind, _hint(noun, name)):
                found = rows.filter(wrong).select("run_id").limit(1).fetchall()
                if found:
                    return f"run {found[0][0]} has {what} in the column `{name}` of the table `{table}`"
    return _unnamed_cell(connection) or _repeated_run(connection)


def _unnamed_cell(connection: duckdb.DuckDBPyConnection) -> str | None:
    cells = connection.table(f"{ALIAS}.main.diffs").filter(sql.column("skewed") & sql.column("cause").isnull())
    found = cells.select("run_id").limit(1).fetchall()
    return f"run {found[0][0]} has a skewed cell without a cause" if found else None


def _repeated_run(connection: duckdb.DuckDBPyConnection) -> str | None:
    times = connection.table(f"{ALIAS}.main.runs").aggregate("run_id, count(*) as times", "run_id")
    found = times.filter("times > 1").limit(1).fetchall()
    return f"run {found[0][0]} is there {found[0][1]} times" if found else None


def _hint(noun: type, name: str) -> Any:
    """What the noun says of the column; of one that it does not name, any text. A run's id leads every table."""
    if name == "run_id":
        return str
    return get_type_hints(noun).get(name, str | None)


def _wrongs(name: str, kind: str, hint: Any) -> Iterator[tuple[duckdb.Expression, str]]:
    """Conditions that no row may meet, each with what a row that does has."""
    column = sql.column(name)
    parts = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    is_mapping = any(getattr(each, "__origin__", None) is not None and kind == "JSON" for each in parts)
    if type(None) not in parts and not is_mapping and kind != "VARCHAR[]":
        yield column.isnull(), "a null"
    for words in (each for each in parts if isinstance(each, type) and issubclass(each, StrEnum)):
        yield column.isnotin(*(sql.constant(str(word)) for word in words)), f"no {words.__name__.lower()}"
    if float in parts:
        yield sql.is_nan(column), "NaN"
    if is_mapping:
        yield sql.function("json_type", column) != sql.constant("OBJECT"), "JSON that is no object"
    if kind == "TIMESTAMP WITH TIME ZONE":
        first, end = (sql.constant(each).cast(kind) for each in PYTHONS_TIMES)
        yield (column < first) | (column >= end), "a time beyond those of Python"
    if kind == "INTERVAL":
        days = sql.function("abs", sql.function("epoch", column)) / sql.constant(SECONDS_OF_A_DAY)
        yield days > sql.constant(LONGEST_DAYS), "an interval beyond those of Python"
