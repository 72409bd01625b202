"""Makes sure that a key identifies the rows of two tables, or pairs up the rows that share one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

from duckdb import SQLExpression, StarExpression

from skewguard import sql
from skewguard.equality.physical import MOMENTS, family_of
from skewguard.errors.tables import KeyIsNull, KeyNotUnique
from skewguard.sql import Connection, Expression, Relation, column, constant, function

PACKAGE = "skewguard.comparison"


@dataclass(frozen=True, kw_only=True)
class Keyed:
    """A table of `total` rows: `k0..` are its key, called `names`, and `values` its feature columns."""

    role: str
    relation: Relation
    names: tuple[str, ...]
    values: tuple[str, ...]
    total: int
    has_rank: bool = False

    @property
    def keys(self) -> list[str]:
        """The names of the columns to join on."""
        return [f"k{i}" for i in range(len(self.names) + self.has_rank)]


@dataclass(frozen=True, kw_only=True)
class OneSided:
    """How many rows are in one table only."""

    offline: int
    online: int


def ranked(table: Keyed) -> Keyed:
    """With one more key column: the row's place among those that share its key, by their values."""
    rank = SQLExpression(f"row_number() over (partition by {', '.join(table.keys)} order by {', '.join(table.values)})")
    place = f"k{len(table.names)}"
    return replace(table, relation=table.relation.select(StarExpression(), rank.alias(place)), has_rank=True)


def settle(connection: Connection, kept: Relation, offline: Keyed, online: Keyed) -> OneSided:
    """Count the rows of one table only; make sure that every key stands once in each, which one of them is known to do.

    Each row of the other table is then in one joined row, so that its rows, less those that are its alone, are the
    pairs. Were one of its keys twice among them, they would be more than the rows that the first table has for pairs.
    Rows of one table only have all been kept, so those can be looked at.
    """
    keys = [column(name) for name in offline.keys]
    facts = [function("hash", *keys).alias("key_hash"), _any_null(keys).alias("has_null")]
    sql.bind(connection, "kept_keys", kept.select(column("in_offline"), column("in_online"), *facts))
    found = sql.run(connection, PACKAGE, "kept_facts").fetchall()[0]
    only_offline, only_online, keys_only_offline, keys_only_online, nulls = found
    unique = (
        offline.total - only_offline == online.total - only_online
        and (keys_only_offline, keys_only_online) == (only_offline, only_online)
        and (not nulls or offline.has_rank)
    )
    if not unique:
        must_be_unique(offline)
        must_be_unique(online)
    return OneSided(offline=only_offline, online=only_online)


def smaller_is_unique(offline: Keyed, online: Keyed) -> None:
    """Raise where a key of the smaller table stands in several of its rows; the join will tell of the other's."""
    table = min(offline, online, key=lambda each: each.total)
    hashes = function("hash", *map(column, table.keys)).alias("key_hash")
    if table.relation.select(hashes).aggregate("count(distinct key_hash)").fetchall()[0][0] < table.total:
        must_be_unique(table)


def must_be_unique(table: Keyed) -> None:
    """Raise, with an example, where a key is null or stands in several rows of `table`."""
    null = _any_null([column(name) for name in table.keys])
    example = entity(table.names, table.relation.types)
    nulls = table.relation.filter(null)
    if count := nulls.aggregate("count(*)").fetchall()[0][0]:
        raise KeyIsNull(table.role, count, table.names, nulls.limit(1).select(example).fetchall()[0][0])
    listed = ", ".join(table.keys)
    groups = table.relation.aggregate(f"{listed}, count(*) as times", listed).filter("times > 1")
    if count := groups.aggregate("count(*)").fetchall()[0][0]:
        first, times = groups.order(listed).limit(1).select(example, column("times")).fetchall()[0]
        raise KeyNotUnique(table.role, count, table.names, first, times)


def entity(names: Sequence[str], types: Sequence[object]) -> Expression:
    """The key of a row as JSON, by the names that the offline table has for it."""
    parts: list[Expression] = []
    for i, name in enumerate(names):
        key = column(f"k{i}")
        timed = family_of(types[i]) in MOMENTS and str(types[i]) != "DATE"
        parts += [constant(name), function("iso_text", key) if timed else key]
    return function("json_object", *parts)


def _any_null(keys: Sequence[Expression]) -> Expression:
    return reduce(lambda one, other: one | other, [key.isnull() for key in keys])
