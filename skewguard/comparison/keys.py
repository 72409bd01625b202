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
FINEST = "TIMESTAMPTZ_NS"
ZONED = "TIMESTAMP WITH TIME ZONE"
FLOATS = {"FLOAT", "DOUBLE"}


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


def of_one_type(key: Expression, types: set[str]) -> Expression:
    """The key of one table, whose column has one of `types` in each: DuckDB joins most times of two, but not these.

    NaN is how pandas writes that there is none.
    """
    if types & FLOATS:
        return sql.case(sql.is_nan(key), constant(None)).otherwise(key)
    apart = len(types) > 1 and (FINEST in types or types == {"TIMESTAMP_NS", ZONED})
    return key.cast(FINEST) if apart else key


def ranked(table: Keyed) -> Keyed:
    """With one more key column: the row's place among those that share its key, by their values."""
    rank = SQLExpression(f"row_number() over (partition by {', '.join(table.keys)} order by {', '.join(table.values)})")
    place = f"k{len(table.names)}"
    return replace(table, relation=table.relation.select(StarExpression(), rank.alias(place)), has_rank=True)


def settle(connection: Connection, kept: Relation, joined: int, offline: Keyed, online: Keyed) -> OneSided:
    """Count the rows of one table only, and make sure that every key stands once in each table.

    How many rows were `joined` tells: were a key of both tables several times in one of them, the pairs would be more
    than that table's rows. Rows of one table only have all been kept, so those can be looked at.
    """
    keys = [column(name) for name in offline.keys]
    facts = [function("hash", *keys).alias("key_hash"), _any_null(keys).alias("has_null")]
    sql.bind(connection, "kept_keys", kept.select(column("in_offline"), column("in_online"), *facts))
    found = sql.run(connection, PACKAGE, "kept_facts").fetchall()[0]
    only_offline, only_online, keys_only_offline, keys_only_online, nulls = found
    pairs = joined - only_offline - only_online
    unique = (
        pairs == offline.total - only_offline == online.total - only_online
        and (keys_only_offline, keys_only_online) == (only_offline, only_online)
        and (not nulls or offline.has_rank)
    )
    if not unique:
        must_be_unique(offline)
        must_be_unique(online)
    return OneSided(offline=only_offline, online=only_online)


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
        if str(types[i]) == FINEST:
            key = key.cast(ZONED)  # DuckDB has no cast of it to a time without a zone
        timed = family_of(types[i]) in MOMENTS and str(types[i]) != "DATE"
        parts += [constant(name), function("iso_text", key) if timed else key]
    return function("json_object", *parts)


def _any_null(keys: Sequence[Expression]) -> Expression:
    return reduce(lambda one, other: one | other, [key.isnull() for key in keys])
