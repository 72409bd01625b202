"""Compares two tables in one pass: a full join on the key, of which only rows with a differing cell are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol

from duckdb import CoalesceOperator, SQLExpression, StarExpression

from skewguard import sql
from skewguard.comparison.counted import NULL_EVERYWHERE, FeatureCounts
from skewguard.comparison.counter import RowCounter
from skewguard.comparison.keys import Keyed, OneSided, entity, must_be_unique, of_one_type, ranked, settle
from skewguard.comparison.masks import BITS, any_set, is_set, masks, set_anywhere
from skewguard.comparison.plan import ColumnPair, Plan, Request, plan_of
from skewguard.comparison.reach import as_coarse, coarsened
from skewguard.comparison.sides import KEPT
from skewguard.equality.forms import stated_conversion
from skewguard.equality.judge import Judge
from skewguard.equality.macros import define_macros
from skewguard.equality.pairs import Operand, Pair, pair_of
from skewguard.equality.physical import implied_rule
from skewguard.equality.text import distance_of, number_of, told_apart
from skewguard.errors.spelling import option
from skewguard.errors.tables import NothingInCommon
from skewguard.sql import Connection, Relation, column, constant, function

PACKAGE = "skewguard.comparison"
KEPT_OF_ONE_MASK = "skewguard_kept_of_one_mask"
SOME_ROWS = 2048  # are looked at first for a value: nearly every column has one there


class Watch(Protocol):
    """Whoever waits for a comparison."""

    def began(self, piece: str, total: int) -> None:
        """A piece of work begins, that has so many steps."""

    def moved(self, count: int) -> None:
        """So many more steps are done. May be called from any thread, but from one at a time."""


@dataclass(frozen=True, kw_only=True)
class TableComparison:
    """Two tables compared. `diffs` and `entities` read relations of the connection that compared them."""

    plan: Plan
    rows: int
    only_offline: int
    only_online: int
    counts: tuple[FeatureCounts, ...]
    diffs: Relation
    entities: Relation


@dataclass(frozen=True, kw_only=True)
class Facing:
    """One feature of the joined rows."""

    position: int
    columns: ColumnPair
    offline: Operand
    online: Operand
    pair: Pair


def compare_tables(
    connection: Connection, offline: Relation, online: Relation, request: Request, *, match: bool = False, watch: Watch
) -> TableComparison:
    """Compare every cell of two tables. `match` pairs up rows that share a key."""
    define_macros(connection)
    for name in ("faced", "feature_names", "cells"):
        connection.execute(sql.text(PACKAGE, name))
    plan = plan_of(request, offline, online)
    coarse = [coarsened(pair, offline, online) for pair in plan.key]
    sides = [_keyed(relation, plan, role, coarse) for role, relation in (("offline", offline), ("online", online))]
    if not any(side.total for side in sides):
        raise NothingInCommon("both tables are empty", next_step="Check that these are the files you mean.")
    if match:
        sides = [ranked(side) for side in sides]
    with Judge(connection) as judge:
        facings = [_facing(i, pair, request, judge) for i, pair in enumerate(plan.features)]
        only = _joined_and_kept(connection, facings, sides[0], sides[1], watch)
        _face(connection, facings, judge, watch)
    rows = sides[0].total + only.online
    for name in ("table_diffs", "table_entities"):
        connection.execute(sql.text(PACKAGE, name))
    return TableComparison(
        plan=plan,
        rows=rows,
        only_offline=only.offline,
        only_online=only.online,
        counts=tuple(_counts(connection, facings, sides, rows)),
        diffs=connection.table("table_diffs"),
        entities=connection.table("table_entities"),
    )


def _keyed(relation: Relation, plan: Plan, role: str, coarse: Sequence[bool]) -> Keyed:
    """Only the columns that matter, by place: `k0..` for the key, `o0..` or `n0..` for the features."""
    letter = "n" if role == "online" else "o"
    keys = []
    for i, (pair, coarser) in enumerate(zip(plan.key, coarse, strict=True)):
        types, key = (pair.offline_type, pair.online_type), column(getattr(pair, role))
        key = as_coarse(key, types[role == "online"]) if coarser else of_one_type(key, set(map(str, types)))
        keys.append(key.alias(f"k{i}"))
    names = [f"{letter}{i}" for i in range(len(plan.features))]
    values = [column(getattr(pair, role)).alias(name) for pair, name in zip(plan.features, names, strict=True)]
    return Keyed(
        role=role,
        relation=sql.project(relation, (*keys, *values, constant(True).alias(f"in_{role}"))),
        names=tuple(pair.name for pair in plan.key),
        values=tuple(names),
        total=int(relation.aggregate("count(*)").fetchall()[0][0]),
    )


def _facing(position: int, pair: ColumnPair, request: Request, judge: Judge) -> Facing:
    offline = Operand(value=column(f"o{position}"), physical=pair.offline_type)
    online = Operand(value=column(f"n{position}"), physical=pair.online_type)
    rule = implied_rule(pair.offline_type, pair.online_type, request.tolerances.get(pair.name, request.tolerance))
    served = pair_of(rule, offline, online, judge)
    return Facing(position=position, columns=pair, offline=offline, online=online, pair=served)


def _joined_and_kept(
    connection: Connection, facings: Sequence[Facing], offline: Keyed, online: Keyed, watch: Watch
) -> OneSided:
    """Keep the rows with a differing cell, and those of one table only; each key must stand once in each table."""
    most = offline.total + online.total
    watch.began("rows", max(offline.total, online.total))
    with RowCounter(connection, most=most, told=watch.moved) as counter:
        try:
            sql.keep(connection, KEPT, _kept(_joined(offline, online), facings, offline, counter))
        except sql.Error:
            # Duplicates of one key on both sides multiply, so the join was stopped; anything else has another reason.
            if counter.exceeded:
                must_be_unique(offline)
                must_be_unique(online)
            raise
    only = settle(connection, connection.table(KEPT), counter.rows, offline, online)
    if only.offline == offline.total:
        raise _no_common_key(offline, online)
    return only


def _joined(offline: Keyed, online: Keyed) -> Relation:
    """Every row of both, those of one key in one row. The names in this condition are ours, by place."""
    equal = "is not distinct from" if offline.has_rank else "="
    condition = " and ".join(f"offline_rows.{key} {equal} online_rows.{key}" for key in offline.keys)
    joined = offline.relation.set_alias("offline_rows").join(
        online.relation.set_alias("online_rows"), condition=condition, how="outer"
    )
    merged = [CoalesceOperator(column("offline_rows", k), column("online_rows", k)).alias(k) for k in offline.keys]
    values = [column(name) for name in (*offline.values, "in_offline", *online.values, "in_online")]
    return sql.project(joined, (*merged, *values))


def _kept(joined: Relation, facings: Sequence[Facing], offline: Keyed, counter: RowCounter) -> Relation:
    """The rows with a differing cell, and those of one table only, numbered in the order of their keys."""
    masked = joined.select(StarExpression(), *masks([facing.pair.differs for facing in facings]))
    one_sided = column("in_offline").isnull() | column("in_online").isnull()
    kept = masked.filter(counter.counting(any_set(len(facings)) | one_sided))
    number = SQLExpression(f"row_number() over (order by {', '.join(offline.keys)})").alias("row_id")
    return kept.select(number, StarExpression(), entity(offline.names, joined.types).alias("entity"))


def _face(connection: Connection, facings: Sequence[Facing], judge: Judge, watch: Watch) -> None:
    differing = list(set_anywhere(connection.table(KEPT), len(facings)))
    watch.began("cells", len(differing))
    for mask, positions in groupby(differing, key=lambda position: position // BITS):
        few = _of_one_mask(connection, facings, mask)
        for position in positions:
            facing = facings[position]
            connection.execute(
                sql.text(PACKAGE, "name_feature"),
                {"position": position, "feature": facing.columns.name, "absent": None, "freshness": None},
            )
            _cells(few.filter(is_set(position)), facing, judge).insert_into("faced")
            watch.moved(1)


def _of_one_mask(connection: Connection, facings: Sequence[Facing], mask: int) -> Relation:
    """The kept rows with the features of one mask alone: of a wide table each query would look at every column."""
    kept = connection.table(KEPT)
    if len(facings) <= BITS:
        return kept
    own = facings[mask * BITS : (mask + 1) * BITS]
    values = [operand.value for facing in own for operand in (facing.offline, facing.online)]
    sql.keep(connection, KEPT_OF_ONE_MASK, sql.project(kept, (column("row_id"), *values, column(f"mask{mask}"))))
    return connection.table(KEPT_OF_ONE_MASK)


def _cells(kept: Relation, facing: Facing, judge: Judge) -> Relation:
    """The cells of one feature, as rows of faced.sql. There is no source, and no time, in two tables."""
    offline, online = facing.offline, facing.online
    differs, nothing = constant(True), constant(None)
    return kept.select(
        column("row_id"),
        constant(facing.position),
        facing.pair.departure,
        constant(False),
        *(constant(0), constant(0), nothing),
        told_apart(offline, online, (offline, online), judge, differs),
        told_apart(online, offline, (offline, online), judge, differs),
        *(nothing, number_of(offline), number_of(online), distance_of(offline, online)),
        *(nothing, nothing, nothing, nothing),
    )


def _counts(
    connection: Connection, facings: Sequence[Facing], sides: Sequence[Keyed], rows: int
) -> Iterator[FeatureCounts]:
    answer = sql.run(connection, PACKAGE, "counts")
    found = {row[0]: dict(zip(answer.columns[1:], row[1:], strict=True)) for row in answer.fetchall()}
    # What differs is not null; only of a feature without a difference need the tables be asked again.
    alike = [facing for facing in facings if facing.position not in found]
    empty = _null_everywhere(alike, sides)
    for facing in facings:
        differing: dict[str, Any] = found.get(facing.position, {})
        all_null = facing.position in empty
        conversion = stated_conversion(facing.offline, facing.online)
        notes = [NULL_EVERYWHERE] if all_null else []
        notes += [conversion] if conversion else []
        yield FeatureCounts(
            feature=facing.columns.name, requested=rows, all_null=all_null, notes=tuple(notes), **differing
        )


def _null_everywhere(facings: Sequence[Facing], sides: Sequence[Keyed]) -> set[int]:
    """The positions of the features that have no value in any row of either table."""
    empty = {facing.position: facing for facing in facings}
    for rows in (SOME_ROWS, None):
        for side, role in zip(sides, ("offline", "online"), strict=True):
            if not empty:
                return set()
            relation = side.relation if rows is None else side.relation.limit(rows)
            asked = [function("bool_or", ~getattr(facing, role).null) for facing in empty.values()]
            found = sql.project(relation, [each.alias(f"a{i}") for i, each in enumerate(asked)]).fetchall()[0]
            pairs = zip(empty.items(), found, strict=True)
            empty = {position: facing for (position, facing), any_value in pairs if not any_value}
    return set(empty)


def _no_common_key(offline: Keyed, online: Keyed) -> NothingInCommon:
    names = ", ".join(offline.names)
    return NothingInCommon(
        f"of the {offline.total:,} keys ({names}) of the offline table "
        f"none is among the {online.total:,} of the online table",
        next_step=f"Check {option('key')}, and that both tables write their keys alike.",
    )
