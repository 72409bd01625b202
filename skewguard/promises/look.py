"""Looks at all values of one view for those that break a promise: counts by feature, side and rule, and an example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from skewguard import sql
from skewguard.equality.macros import define_macros
from skewguard.equality.pairs import Operand
from skewguard.equality.readable import readable
from skewguard.equality.show import printed
from skewguard.model import ContractFinding, Origin, Side
from skewguard.promises.rules import Promised, Test, bounds, tests_of

TOGETHER = 200  # features in one long column, so that memory stays bounded
# Columns that hold nothing but values of the declared dtype: of them there is nothing to ask but what is promised.
PLAINLY = {
    "Bool": "bool",
    "Float32": "float",
    "Float64": "double",
    "Int32": "int32",
    "Int64": "int64",
    "String": "string",
}


def look(
    connection: sql.Connection, origin: Origin, side: Side, promised: Sequence[Promised], *, present: pa.Array | None
) -> dict[int, list[ContractFinding]]:
    """By position of the feature, what each of its promises came to on this side.

    `present` says of each row whether the view has a row there at all: a null that stands for no row is no value, and
    breaks no promise; None: nobody knows, and nulls are not looked at. Of rows that met an error, and of cells that
    have no one source value, nothing is asked.
    """
    found: dict[int, list[ContractFinding]] = {}
    groups = list(_alike(side, promised))
    if groups:
        _define_macros(connection)
    for some in groups:
        relation, operand = _laid_out(connection, side, some, present)
        tests = [each for each in tests_of(some[0], operand) if present is not None or not each.of_nulls]
        of_position = {each.position: each for each in some}
        for position, answers in _answers(relation, operand, tests):
            for test, (checked, broken, example) in zip(tests, answers, strict=True):
                if broken or (test.told_if_kept and checked):
                    finding = _finding(origin, test, of_position[position], side, checked, broken, example)
                    found.setdefault(position, []).append(finding)
    return found


def _define_macros(connection: sql.Connection) -> None:
    """Those of equality, and our own; once to a connection, of the many sides that are looked at."""
    define_macros(connection)
    with suppress(sql.Error):
        connection.execute("select promises_are_defined()").fetchall()
        return
    connection.execute(sql.text("skewguard.promises", "broken"))


def _alike(side: Side, promised: Iterable[Promised]) -> Iterator[list[Promised]]:
    """Features that can be asked the same questions at once: of one dtype, one type of column, and like promises."""
    groups: dict[tuple[Any, ...], list[Promised]] = {}
    for each in promised:
        if each.position not in side.absent and _is_open(side, each):
            asks = (each.dtype, str(_type(side, each)), *each.asks)
            groups.setdefault(asks, []).append(each)
    for group in groups.values():
        yield from (group[start : start + TOGETHER] for start in range(0, len(group), TOGETHER))


def _is_open(side: Side, promised: Promised) -> bool:
    """Whether there is anything to ask: most features promise no more than the dtype that their column has."""
    return any(promised.asks) or PLAINLY.get(promised.dtype) != str(_type(side, promised))


def _type(side: Side, promised: Promised) -> pa.DataType:
    return side.table.schema.field(f"v{promised.position}").type


def _laid_out(
    connection: sql.Connection, side: Side, promised: Sequence[Promised], present: pa.Array | None
) -> tuple[sql.Relation, Operand]:
    """The columns of the features below each other, with what is promised of each beside them.

    Columns: position, row_id, value, `present`, `answered`: whether the side answers for the cell; and of `bounds`.
    """
    table, size = side.table, side.table.num_rows
    answered = (
        pc.is_null(table["error"]) if "error" in table.column_names else pa.chunked_array([pa.repeat(True, size)])
    )
    there = pa.repeat(False, size) if present is None else present
    known = [table[f"k{each.position}"] if f"k{each.position}" in table.column_names else None for each in promised]
    long = {
        "position": pa.array(np.repeat([each.position for each in promised], size), pa.int32()),
        "row_id": _below([table["row_id"]] * len(promised)),
        "value": readable(connection, _below([table[f"v{each.position}"] for each in promised])),
        "present": _below([there] * len(promised)),
        "answered": _below(
            [answered if each is None else pc.and_(answered, pc.fill_null(each, False)) for each in known]
        ),
    }
    values = connection.from_arrow(pa.table(long))
    physical = dict(zip(values.columns, values.types, strict=True))["value"]
    joined = values.join(connection.from_arrow(bounds(promised)), "position")
    return joined, Operand(value=sql.column("value"), physical=physical)


def _below(columns: Sequence[Any]) -> pa.ChunkedArray:
    return pa.chunked_array(
        [chunk for each in columns for chunk in (each.chunks if isinstance(each, pa.ChunkedArray) else [each])],
        type=columns[0].type,
    )


def _answers(
    relation: sql.Relation, operand: Operand, tests: Sequence[Test]
) -> Iterator[tuple[int, list[tuple[int, int, int | None]]]]:
    """By position, for each question: of how many values it was asked, how many break it, the first row that does."""
    if not tests:
        return
    asked = [sql.column("position")]
    for test in tests:
        checked = sql.column("answered") & (sql.column("present") if test.of_nulls else ~operand.null)
        # Not `checked and broken`: DuckDB may try the second of those on values that the first leaves out.
        broken = sql.case(checked, test.broken).otherwise(sql.constant(False))
        first = sql.case(broken, sql.column("row_id"))
        counted = (sql.function("count_if", checked), sql.function("count_if", broken), sql.function("min", first))
        asked += [each.alias(f"n{len(asked) + number}") for number, each in enumerate(counted)]
    for position, *answers in relation.aggregate(asked, "position").fetchall():
        yield position, list(zip(answers[::3], answers[1::3], answers[2::3], strict=True))


def _finding(
    origin: Origin, test: Test, promised: Promised, side: Side, checked: int, broken: int, example: int | None
) -> ContractFinding:
    return ContractFinding(
        side=origin,
        rule=test.promise,
        expected=promised.said(test.promise),
        checked=checked,
        broken=broken,
        example_row_id=example,
        example_value=None if example is None else _shown(side, promised.position, example),
    )


def _shown(side: Side, position: int, row_id: int) -> str | None:
    column = side.table[f"v{position}"]
    value = column[pc.index(side.table["row_id"], pa.scalar(row_id, pa.int64())).as_py()].as_py()
    return printed(value, column.type)
