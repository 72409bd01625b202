"""Patterns of values that are right and in the wrong place: another feature's, or another entity's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from skewguard import sql
from skewguard.causes.pattern_cells import (
    FEWEST_CELLS,
    FEWEST_VALUES,
    Feature,
    Finding,
    operand_of,
    value_in,
)
from skewguard.causes.stored_events import known_in
from skewguard.equality.physical import Family
from skewguard.model import asked_as

_MOST_SHIFTS = 64  # a value that so many entities have tells nothing of where it is from
_STILL_SHIFTS = 4  # more than that hold on every cell that was probed only where values say nothing
_PROBED = 50  # cells that a candidate must hold on before it is held against all
# That often, at most, may values be where they are by luck: two features of three categories soon agree in five rows.
_MOST_LUCK = 1e-2


def swapped_feature(feature: Feature) -> Finding | None:
    """Online equals another feature's source value for the same row."""
    refs = dict(enumerate(_other_refs(feature)))
    if not refs or feature.counts["online_values"] < FEWEST_CELLS or not _misplaced(feature):
        return None
    _bind_others(feature, list(refs.values()))
    few = feature.connection.table("pattern_others").limit(_PROBED)
    for at in _holding(feature, few, list(refs)):
        if _holding(feature, feature.connection.table("pattern_others"), [at]):
            repeated, distinct = _repeated(feature, _values(feature, refs[at]))
            if distinct >= FEWEST_VALUES and len(refs) * _once_more(repeated) ** feature.size <= _MOST_LUCK:
                return Finding(evidence={"feature": refs[at]})
    return None


def _other_refs(feature: Feature) -> Iterator[str]:
    if feature.case.source is not None:
        for position, each in enumerate(feature.case.view.features):
            if position != feature.position:
                yield each.ref
    yield from feature.case.others


def _column(feature: Feature, ref: str) -> tuple[Any, Any]:
    """The source values of another feature for all rows of the case, and in which rows there is one."""
    case = feature.case
    if ref in case.others:
        other = case.others[ref]
        size, table = len(other.source.table), other.source.table
        at = pc.index_in(case.rows["row_id"], table["row_id"].combine_chunks())
        values = value_in(feature.connection, other.source, other.position, size).take(at)
        return values, pc.fill_null(known_in(other.source, other.position, size).take(at), False)
    position = [each.ref for each in case.view.features].index(ref)
    size = len(case.rows)
    return value_in(feature.connection, case.source, position, size), known_in(case.source, position, size)


def _bind_others(feature: Feature, refs: list[str]) -> None:
    """Make `pattern_others` readable: the cells with the source values of the other features beside them."""
    columns: dict[str, Any] = {"row_id": feature.case.rows["row_id"]}
    for at, ref in enumerate(refs):
        columns[f"c{at}"], columns[f"k{at}"] = _column(feature, ref)
    others = feature.connection.from_arrow(pa.table(columns))
    sql.keep(feature.connection, "pattern_others", feature.cells.join(others, "row_id"))


def _values(feature: Feature, ref: str) -> sql.Relation:
    return feature.connection.from_arrow(pa.table({"value": _column(feature, ref)[0]}))


def _sources(feature: Feature) -> sql.Relation:
    return feature.connection.table("pattern_rows").select("source as value")


def _repeated(feature: Feature, drawn: sql.Relation) -> tuple[float, int]:
    """How likely two rows have the same value, and how many values there are."""
    sql.bind(feature.connection, "pattern_drawn", drawn)
    facts = feature.facts("pattern_repeated")
    return facts["repeated"], facts["distinct_values"]


def _once_more(repeated: float) -> float:
    """The same of two values neither of which is the trained one: of three categories, two are left."""
    return min(1.0, repeated / (1 - repeated)) if repeated < 1 else 1.0


def _holding(feature: Feature, cells: sql.Relation, candidates: list[int]) -> list[int]:
    """Those of the candidates that the served value equals in all of `cells`."""
    online = operand_of(cells, "online")
    asked = []
    for at in candidates:
        same = ~feature.differs(operand_of(cells, f"c{at}"), online) & sql.column(f"k{at}")
        asked.append(sql.function("bool_and", same).alias(f"h{at}"))
    answers = cells.aggregate(asked).fetchall()[0]
    return [at for at, holds in zip(candidates, answers, strict=True) if holds]


def swapped_entity(feature: Feature) -> Finding | None:
    """Online equals the source value of another entity in the sample, by a shift of keys or a permutation."""
    if feature.counts["online_values"] < FEWEST_CELLS or not _misplaced(feature):
        return None
    return _shifted(feature) or _permuted(feature)


def _misplaced(feature: Feature) -> bool:
    """Whether no cell is served its own source value: what is right is not another's, though another has the same."""
    own = feature.differs(feature.operand("source"), feature.operand("online")) & sql.column("known")
    holds = sql.function("bool_and", own).alias("holds")
    return bool(feature.cells.aggregate([holds]).fetchall()[0][0])


def _permuted(feature: Feature) -> Finding | None:
    """At each instant the served values are the source values of the same rows in another order.

    A row whose value is right takes the same value off both sides, so the others still are a permutation.
    """
    feature.connection.execute(sql.text(__package__, "pattern_ranked"))
    ranked = feature.connection.table("pattern_ranked")
    differing = feature.differs(operand_of(ranked, "source"), operand_of(ranked, "online"))
    wrong = ranked.aggregate([sql.function("count_if", differing).alias("wrong")]).fetchall()[0][0]
    if wrong:
        return None
    repeated, distinct = _repeated(feature, _sources(feature))
    if distinct < FEWEST_VALUES or feature.facts("pattern_orders", repeated=repeated)["luck"] > _MOST_LUCK:
        return None
    return Finding(evidence={"pairs": "permutation"}, details=_entities(feature, ranked.select("row_id, other_row_id")))


def _shifted(feature: Feature) -> Finding | None:
    """Every served value is the source value at a key that is off by one constant."""
    for name, keyed in _whole_keys(feature):
        sql.keep(feature.connection, "pattern_keyed", keyed)
        found = _shift(feature)
        if found is not None:
            pairs = feature.connection.table("pattern_shifted").filter(sql.column("shift") == sql.constant(found))
            details = _entities(feature, pairs.select("row_id, other_row_id"))
            return Finding(evidence={"pairs": "shift", "key": name, "shift": found}, details=details)
    return None


def _whole_keys(feature: Feature) -> Iterator[tuple[str, sql.Relation]]:
    """For each join key of whole numbers: the rows by that key, with all else that tells entities apart as text."""
    rows = feature.connection.from_arrow(feature.case.rows)
    keys = [each.held for each in feature.case.view.join_keys if each.held in rows.columns]
    values = feature.connection.table("pattern_rows")
    for name in keys:
        if operand_of(rows, name).family is not Family.INTEGER:
            continue
        rest = [sql.column(each).cast("VARCHAR") for each in (*keys, "as_of") if each != name]
        keyed = rows.select(
            sql.column("row_id"),
            sql.column(name).cast("HUGEINT").alias("whole"),
            sql.function("list_value", *rest).alias("rest"),
        )
        yield asked_as(name), keyed.join(values, "row_id")


def _shift(feature: Feature) -> int | None:
    """The one shift under which all cells agree, if any."""
    connection = feature.connection
    sql.bind(connection, "pattern_anchor", sql.run(connection, __package__, "pattern_anchor"))
    sql.bind(connection, "pattern_apart", sql.run(connection, __package__, "pattern_apart"))
    apart = connection.table("pattern_apart")
    same = ~feature.differs(operand_of(apart, "source"), operand_of(apart, "online"))
    sql.keep(
        connection,
        "pattern_shifts",
        apart.filter(same).select("shift").distinct().order("abs(shift)").limit(_MOST_SHIFTS),
    )
    for most in (_PROBED, feature.size):
        connection.execute(sql.text(__package__, "pattern_shifted"), {"most": most})
        sql.keep(connection, "pattern_shifts", _holding_shifts(feature))
    held = connection.table("pattern_shifts").fetchall()
    if not held:
        return None
    shift, proven = held[0]
    repeated, distinct = _repeated(feature, _sources(feature))
    if proven < FEWEST_CELLS or distinct < FEWEST_VALUES or _once_more(repeated) ** (proven - 1) > _MOST_LUCK:
        return None
    return int(shift)


def _holding_shifts(feature: Feature) -> sql.Relation:
    """Of `pattern_shifted`, the shifts that no cell contradicts, and the number of cells that prove each."""
    pairs = feature.connection.table("pattern_shifted")
    differing = feature.differs(operand_of(pairs, "source"), operand_of(pairs, "online"))
    proven = sql.function("count_if", sql.column("known") & ~sql.column("online_null")).alias("proven")
    wrong = sql.function("count_if", differing | ~sql.column("known")).alias("wrong")
    grouped = pairs.aggregate([sql.column("shift"), proven, wrong], "shift")
    return (
        grouped.filter(sql.column("wrong") == sql.constant(0))
        .select("shift, proven")
        .order("abs(shift)")
        .limit(_STILL_SHIFTS)
    )


def _entities(feature: Feature, pairs: sql.Relation) -> sql.Relation:
    """JSON of the entity that each cell's value belongs to."""
    rows = feature.case.rows
    keys = [each for each in feature.case.view.join_keys if each.held in rows.column_names]
    texts = [json.dumps(dict(zip((key.name for key in keys), each, strict=True)), ensure_ascii=False, default=str)
             for each in zip(*(rows[key.held].to_pylist() for key in keys), strict=True)]  # fmt: skip
    table = pa.table({"other_row_id": rows["row_id"], "entity": pa.array(texts, pa.string())})
    sql.keep(feature.connection, "pattern_pairs", pairs)
    sql.bind(feature.connection, "pattern_entities", feature.connection.from_arrow(table))
    return sql.run(feature.connection, __package__, "pattern_entity_details")
