"""Looks at all values of one view for those that break a promise: counts by feature, side and rule, and an example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from skewguard import sql
from skewguard.equality.macros import define_macros
from skewguard.equality.pairs import Operand
from skewguard.equality.readable import readable
from skewguard.equality.show import printed
from skewguard.model import ContractFinding, Origin, Side
from skewguard.promises.rules import Promised, Test, tests_of

TOGETHER = 60  # questions in one statement: many more take DuckDB longer to plan than to answer


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A question to one feature's values, and the SQL of what it is asked about and of what breaks it."""

    promised: Promised
    test: Test
    checked: sql.Expression
    broken: sql.Expression


def look(
    connection: sql.Connection, origin: Origin, side: Side, promised: Sequence[Promised], *, present: pa.Array | None
) -> dict[int, list[ContractFinding]]:
    """By position of the feature, what each of its promises came to on this side.

    `present` says of each row whether the view has a row there at all: a null that stands for no row is no value, and
    breaks no promise; None: nobody knows, and nulls are not looked at. Of rows that met an error, and of cells that
    have no one source value, nothing is asked.
    """
    define_macros(connection)
    connection.execute(sql.text("skewguard.promises", "broken"))
    asked_of = [each for each in promised if each.position not in side.absent]
    table = _laid_out(connection, side, asked_of, present)
    relation = connection.from_arrow(table)
    types = dict(zip(relation.columns, relation.types, strict=True))
    questions = [each for one in asked_of for each in _questions(one, types, known=present is not None)]
    found: dict[int, list[ContractFinding]] = {}
    for question, (checked, broken, example) in zip(questions, _answers(relation, questions), strict=True):
        if broken or (question.test.told_if_kept and checked):
            finding = _finding(origin, question, side, checked, broken, example)
            found.setdefault(question.promised.position, []).append(finding)
    return found


def _laid_out(
    connection: sql.Connection, side: Side, promised: Iterable[Promised], present: pa.Array | None
) -> pa.Table:
    """row_id, `present`, and of each feature `v` and `a`: its values, and whether the side answers for the cell."""
    table = side.table
    answered = pc.is_null(table["error"]) if "error" in table.column_names else pa.repeat(True, len(table))
    columns: dict[str, Any] = {
        "row_id": table["row_id"],
        "present": pa.repeat(False, len(table)) if present is None else present,
    }
    for each in promised:
        columns[f"v{each.position}"] = readable(connection, table[f"v{each.position}"])
        known = f"k{each.position}"
        columns[f"a{each.position}"] = (
            pc.and_(answered, pc.fill_null(table[known], False)) if known in table.column_names else answered
        )
    return pa.table(columns)


def _questions(promised: Promised, types: dict[str, Any], *, known: bool) -> Iterator[_Asked]:
    name = f"v{promised.position}"
    operand = Operand(value=sql.column(name), physical=types[name])
    answered = sql.column(f"a{promised.position}")
    for test in tests_of(promised, operand):
        if test.of_nulls and not known:
            continue
        asked = sql.column("present") if test.of_nulls else ~operand.null
        checked = answered & asked
        # Not `checked and broken`: DuckDB may try the second of those on values that the first leaves out.
        broken = sql.case(checked, test.broken).otherwise(sql.constant(False))
        yield _Asked(promised=promised, test=test, checked=checked, broken=broken)


def _answers(relation: sql.Relation, questions: Sequence[_Asked]) -> Iterator[tuple[int, int, int | None]]:
    """Of each question how many values it was asked of, how many break the promise, and the first row that does."""
    for start in range(0, len(questions), TOGETHER):
        asked: list[sql.Expression] = []
        for each in questions[start : start + TOGETHER]:
            first = sql.case(each.broken, sql.column("row_id"))
            asked += [
                sql.function("count_if", each.checked),
                sql.function("count_if", each.broken),
                sql.function("min", first),
            ]
        named = [each.alias(f"n{number}") for number, each in enumerate(asked)]
        answer: Any = relation.aggregate(named).fetchall()[0]
        yield from zip(answer[::3], answer[1::3], answer[2::3], strict=True)


def _finding(
    origin: Origin, question: _Asked, side: Side, checked: int, broken: int, example: int | None
) -> ContractFinding:
    return ContractFinding(
        side=origin,
        rule=question.test.promise,
        expected=question.test.expected,
        checked=checked,
        broken=broken,
        example_row_id=example,
        example_value=None if example is None else _shown(side, question.promised.position, example),
    )


def _shown(side: Side, position: int, row_id: int) -> str | None:
    column = side.table[f"v{position}"]
    value = column[pc.index(side.table["row_id"], pa.scalar(row_id, pa.int64())).as_py()].as_py()
    return printed(value, column.type)
