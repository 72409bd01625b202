"""Puts causes to the cells of a comparison, and says what still counts as skew once they are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from skewguard import sql


@dataclass(frozen=True, kw_only=True)
class Settled:
    """`cells` with `cause` and `evidence`; by position, the skewed cells of each cause and the fresh enough ones."""

    cells: pa.Table
    causes: Mapping[int, Mapping[str, int]]
    fresh: Mapping[int, int]


def settle(connection: sql.Connection, cells: pa.Table, explained: pa.Table, freshness: Mapping[int, float]) -> Settled:
    """`explained` is a table of NAMED; `freshness` has, by position, the seconds that a stale cell may lag."""
    budgets = {"position": list(freshness), "seconds": list(freshness.values())}
    schema = pa.schema({"position": pa.int32(), "seconds": pa.float64()})
    sql.bind(connection, "compared_cells", connection.from_arrow(cells))
    sql.bind(connection, "explained", connection.from_arrow(explained))
    sql.bind(connection, "budgets", connection.from_arrow(pa.table(budgets, schema=schema)))
    settled = sql.run(connection, __package__, "settled").to_arrow_table()
    sql.bind(connection, "settled_cells", connection.from_arrow(settled))
    causes: dict[int, dict[str, int]] = {}
    fresh: dict[int, int] = {}
    for position, cause, skewed, within in sql.run(connection, __package__, "tallied").fetchall():
        if skewed:
            causes.setdefault(position, {})[cause] = skewed
        fresh[position] = fresh.get(position, 0) + within
    return Settled(cells=settled, causes=causes, fresh=fresh)
