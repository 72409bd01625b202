"""Lays out one feature whose cells a pattern may explain: its three values, as relations that the SQL files read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from skewguard import sql
from skewguard.causes.stored_events import known_in
from skewguard.equality.judge import Judge
from skewguard.equality.pairs import Operand, pair_of
from skewguard.equality.readable import readable
from skewguard.equality.rules import Rule
from skewguard.model import Side, ViewSpec

FEWEST_CELLS = 5
FEWEST_VALUES = 3
# A pattern that unrelated values would show this often by luck is not named.
MOST_LUCK = 1e-3


@dataclass(frozen=True, kw_only=True)
class OtherFeature:
    """A feature of another view: position `position` of its source side, whose rows share ids with the case's."""

    source: Side
    position: int


@dataclass(frozen=True, kw_only=True)
class PatternCase:
    """One compared view, and the cells that nothing else explains: `cells` has row_id and position.

    `rules` are by feature, in the view's order. `others` are the features of other views, by reference.
    """

    view: ViewSpec
    rules: tuple[Rule, ...]
    rows: pa.Table
    source: Side | None
    offline: Side
    online: Side
    cells: pa.Table
    others: Mapping[str, OtherFeature] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """That a pattern holds: the test that all cells passed, and by `row_id` what is each cell's own (JSON `detail`)."""

    evidence: Mapping[str, Any]
    details: sql.Relation | None = None


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One feature laid out: relation `pattern_rows` has all its rows, `pattern_cells` those that are to be explained.

    Both have row_id, as_of, asked, known, source, offline, online, and source_null, offline_null, online_null.
    """

    connection: sql.Connection
    case: PatternCase
    position: int
    judge: Judge
    size: int
    counts: Mapping[str, int]  # pattern_counts.sql

    @property
    def rule(self) -> Rule:
        """How its values are compared."""
        return self.case.rules[self.position]

    @property
    def cells(self) -> sql.Relation:
        """The cells to be explained."""
        return self.connection.table("pattern_cells")

    def operand(self, name: str) -> Operand:
        """`source`, `offline` or `online` as an operand."""
        return operand_of(self.cells, name)

    def differs(self, expected: Operand, online: Operand) -> sql.Expression:
        """Whether a served value is another than the one that a pattern expects."""
        return pair_of(self.rule, expected, online, self.judge).differs

    def facts(self, name: str, **parameters: Any) -> dict[str, Any]:
        """The one row that `name`.sql answers."""
        return _facts(self.connection, name, **parameters)


def lay_out(connection: sql.Connection, case: PatternCase, position: int, judge: Judge) -> Feature:
    """Make `pattern_rows` and `pattern_cells` readable for one feature."""
    asked = case.cells.filter(pc.equal(case.cells["position"], position))["row_id"]
    table = pa.table(
        {
            "row_id": case.rows["row_id"],
            "as_of": case.rows["as_of"],
            "asked": pc.is_in(case.rows["row_id"], asked.combine_chunks()),
            "known": known_in(case.source, position, len(case.rows)),
            **{
                name: value_in(connection, side, position, len(case.rows))
                for name, side in (("source", case.source), ("offline", case.offline), ("online", case.online))
            },
        }
    )
    values = connection.from_arrow(table)
    nulls = [operand_of(values, name).null.alias(f"{name}_null") for name in ("source", "offline", "online")]
    sql.keep(connection, "pattern_rows", values.select(*map(sql.column, values.columns), *nulls))
    sql.keep(connection, "pattern_cells", connection.table("pattern_rows").filter(sql.column("asked")))
    counts = _facts(connection, "pattern_counts")
    return Feature(connection=connection, case=case, position=position, judge=judge, size=len(asked), counts=counts)


def _facts(connection: sql.Connection, name: str, **parameters: Any) -> dict[str, Any]:
    answer = sql.run(connection, __package__, name, **parameters)
    return dict(zip(answer.columns, answer.fetchall()[0], strict=True))


def operand_of(relation: sql.Relation, name: str) -> Operand:
    """A column of `relation` with its type."""
    types = dict(zip(relation.columns, relation.types, strict=True))
    return Operand(value=sql.column(name), physical=types[name])


def value_in(connection: sql.Connection, side: Side | None, position: int, size: int) -> Any:
    """The values of one feature on one side; nulls where the side has none."""
    name = f"v{position}"
    if side is None or position in side.absent or name not in side.table.column_names:
        return pa.nulls(size)
    return readable(connection, side.table[name])
