"""Asks of every skewed cell which other values its sides equal: those of other events, of Feast's conversion, ..."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from skewguard import sql
from skewguard.causes.case import StoredCase
from skewguard.causes.stored_events import known_in, only
from skewguard.equality.judge import Judge
from skewguard.equality.macros import define_macros
from skewguard.equality.pairs import Operand, pair_of
from skewguard.equality.readable import readable
from skewguard.equality.rules import Rule

# What each test of a related event asks: of which events, and which side's value it is held against.
RELATED_TESTS = {
    "online_has_older_value": ("at_online", "older", "n"),
    "online_has_its_event": ("at_online", None, "n"),
    "source_kept_value": ("at_online", "older", "s"),
    "online_at_source": ("at_source", None, "n"),
    "online_is_tied": ("tied", None, "n"),
    "offline_is_tied": ("tied", None, "o"),
    "online_is_superseded": ("superseded", None, "n"),
    "offline_is_superseded": ("superseded", None, "o"),
    "offline_is_timeless": ("timeless", None, "o"),
    "offline_is_mispaired": ("mispaired", None, "o"),
}


def bind_values(connection: sql.Connection, case: StoredCase, positions: list[int], row_ids: pa.Array) -> None:
    """Make `cause_value_tests` readable: row_id, position and one boolean per question, for every skewed cell."""
    define_macros(connection)
    sql.keep(connection, "cause_values", connection.from_arrow(_values(connection, case, positions, row_ids)))
    connection.execute(sql.text(__package__, "stored_value_tests"))
    with Judge(connection) as judge:
        for position in positions:
            _alone(connection, case.rules[position], position, judge).insert_into("cause_value_tests")
            _related(connection, case.rules[position], position, judge).insert_into("cause_related_tests")


def _values(connection: sql.Connection, case: StoredCase, positions: list[int], row_ids: pa.Array) -> pa.Table:
    """s, o, n: the three values; u: untransformed; t: as the code stands; c and w: converted.

    known: whether there is a source value.
    """
    sides = {"s": case.source, "o": case.offline, "n": case.online, "u": case.untransformed, "t": case.coded}
    asked = pc.is_in(case.rows["row_id"], row_ids)
    columns = {"row_id": case.rows["row_id"].filter(asked)}
    size = len(columns["row_id"])
    for position in positions:
        for letter, side in sides.items():
            name = f"v{position}"
            there = side is not None and position not in side.absent and name in side.table.column_names
            values = only(side.table, row_ids)[name] if side is not None and there else pa.nulls(size)
            columns[f"{letter}{position}"] = readable(connection, values)
        columns[f"known{position}"] = known_in(case.source, position, len(case.rows)).filter(asked)
    return _with_converted(connection, pa.table(columns), case.facts.converted, positions)


def _with_converted(
    connection: sql.Connection, values: pa.Table, converted: pa.Table | None, positions: list[int]
) -> pa.Table:
    """Nulls, and `has_c` false, where nothing was converted."""
    for position in positions:
        for name in (f"c{position}", f"w{position}"):
            if converted is None or name not in converted.column_names:
                values = values.append_column(name, pa.nulls(len(values)))
                continue
            found = pc.index_in(values["row_id"], converted["row_id"].combine_chunks())
            values = values.append_column(name, readable(connection, converted[name].take(found)))
    return values


def _operand(relation: sql.Relation, name: str) -> Operand:
    types = dict(zip(relation.columns, relation.types, strict=True))
    return Operand(value=sql.column(name), physical=types[name])


def _alone(connection: sql.Connection, rule: Rule, position: int, judge: Judge) -> sql.Relation:
    """What the row's own values say of one feature."""
    values = connection.table("cause_values")
    side = {letter: _operand(values, f"{letter}{position}") for letter in "sonutcw"}

    def same(one: str, other: str) -> sql.Expression:
        return ~side[one].null & ~pair_of(rule, side[one], side[other], judge).differs

    return values.select(
        sql.column("row_id"),
        sql.constant(position),
        sql.column(f"known{position}"),
        side["s"].null,
        side["n"].null,
        same("u", "o"),
        same("u", "n"),
        same("t", "o"),
        same("t", "n"),
        _exactly(side["c"], side["n"], judge, rule) | _exactly(side["w"], side["n"], judge, rule),
    )


def _exactly(converted: Operand, online: Operand, judge: Judge, rule: Rule) -> sql.Expression:
    if str(converted.physical) == str(online.physical):
        differs = sql.function("values_differ", converted.value, online.value)
    else:
        differs = pair_of(rule, converted, online, judge).differs
    return ~converted.null & ~differs


def _related(connection: sql.Connection, rule: Rule, position: int, judge: Judge) -> sql.Relation:
    """What the values of related events say of one feature."""
    values = connection.table("cause_values").select("row_id", *(f"{letter}{position}" for letter in "son"))
    stored = connection.table("cause_stored").select(
        sql.column("place"), sql.column(f"v{position}").alias("event_value")
    )
    joined = connection.table("cause_related").join(stored, "place").join(values, "row_id")
    event = _operand(joined, "event_value")
    side = {letter: _operand(joined, f"{letter}{position}") for letter in "son"}
    same = {letter: ~pair_of(rule, event, side[letter], judge).differs for letter in "son"}
    tests = list(_questions(same))
    return joined.aggregate([sql.column("row_id"), sql.constant(position).alias("position"), *tests], "row_id")


def _questions(same: dict[str, sql.Expression]) -> Iterator[sql.Expression]:
    places = {name: sql.column(name) for name in ("at_online", "at_source", "tied", "older", "timeless", "mispaired")}
    places["superseded"] = places["at_source"] & ~places["tied"]
    for name, (place, further, letter) in RELATED_TESTS.items():
        among = places[place] if further is None else places[place] & places[further]
        yield sql.function("bool_or", among & same[letter]).alias(name)
