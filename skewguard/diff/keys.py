"""Makes sure that a key identifies the rows of a table, or pairs up rows that share one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import duckdb
from duckdb import SQLExpression

from skewguard import sql
from skewguard.diff.physical import MOMENTS, family_of
from skewguard.errors.tables import KeyIsNull, KeyNotUnique
from skewguard.sql import Connection, Expression, Relation, column, constant, function


@dataclass(frozen=True, kw_only=True)
class Keyed:
    """A table of which the key columns are `k0`, `k1`, ... and how many rows it has."""

    role: str
    relation: Relation
    names: tuple[str, ...]
    values: tuple[str, ...]  # the names of its feature columns

    @property
    def columns(self) -> list[str]:
        """The names of its key columns."""
        return [f"k{i}" for i in range(len(self.names))]


def count_rows(connection: Connection, table: Keyed, *, unique: bool) -> int:
    """How many rows there are. `unique`: an error where a key is null or stands in several rows."""
    if not unique:
        return int(table.relation.aggregate("count(*)").fetchall()[0][0])
    keys = [column(name) for name in table.columns]
    null = reduce(lambda one, other: one | other, [key.isnull() for key in keys])
    sql.bind(
        connection, "keys", table.relation.select(function("hash", *keys).alias("key_hash"), null.alias("has_null"))
    )
    total, nulls, hashes = sql.run(connection, "skewguard.diff", "key_facts").fetchall()[0]
    if nulls:
        example = table.relation.filter(null).limit(1).select(entity(table.names, table.relation.types)).fetchall()
        raise KeyIsNull(table.role, nulls, table.names, example[0][0])
    if hashes < total:
        _must_be_unique(table)
    return int(total)


def _must_be_unique(table: Keyed) -> None:
    listed = ", ".join(table.columns)
    groups = table.relation.aggregate(f"{listed}, count(*) as times", listed).filter("times > 1")
    count = groups.aggregate("count(*)").fetchall()[0][0]
    if count:
        first = groups.order(listed).limit(1)
        example, times = first.select(entity(table.names, first.types), column("times")).fetchall()[0]
        raise KeyNotUnique(table.role, count, table.names, example, times)


def ranked(table: Keyed) -> Keyed:
    """With one more key column: the row's place among those that share its key, by their values."""
    order = ", ".join(table.values)
    rank = SQLExpression(f"row_number() over (partition by {', '.join(table.columns)} order by {order})")
    place = f"k{len(table.names)}"
    return Keyed(
        role=table.role,
        relation=table.relation.select(duckdb.StarExpression(), rank.alias(place)),
        names=table.names,
        values=table.values,
    )


def entity(names: Sequence[str], types: Sequence[object]) -> Expression:
    """The key of a row as JSON, by the names that the offline table has for it."""
    parts: list[Expression] = []
    for i, name in enumerate(names):
        key = column(f"k{i}")
        timed = family_of(types[i]) in MOMENTS and str(types[i]) != "DATE"
        parts += [constant(name), function("iso_text", key) if timed else key]
    return function("json_object", *parts)
