"""Puts causes to the cells of a comparison, and says what still counts as skew once they are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from skewguard import sql

MOST_CELLS = 500_000  # settled together: joined and put in order they are in memory twice


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
    bounds = pa.table(budgets, schema=schema)
    pieces, causes, fresh = [], dict[int, dict[str, int]](), dict[int, int]()
    for among, known in _portions(cells, explained):
        sql.bind(connection, "settle_cells", connection.from_arrow(among))
        sql.bind(connection, "settle_explained", connection.from_arrow(known))
        sql.bind(connection, "settle_budgets", connection.from_arrow(bounds))
        pieces.append(sql.run(connection, __package__, "settled").to_arrow_table())
        sql.bind(connection, "settle_settled", connection.from_arrow(pieces[-1]))
        for position, cause, skewed, within in sql.run(connection, __package__, "tallied").fetchall():
            if skewed:
                found = causes.setdefault(position, {})
                found[cause] = found.get(cause, 0) + skewed
            fresh[position] = fresh.get(position, 0) + within
        sql.let_go(connection, "settle_")
    return Settled(cells=pa.concat_tables(pieces), causes=_commonest_first(causes), fresh=fresh)


def _portions(cells: pa.Table, explained: pa.Table) -> Iterator[tuple[pa.Table, pa.Table]]:
    """The cells and what explains them, some entity rows at a time where there are very many, in order."""
    if len(cells) <= MOST_CELLS:
        yield cells, explained
        return
    row_ids = pc.unique(cells["row_id"]).sort()
    size = max(len(row_ids) * MOST_CELLS // len(cells), 1)
    for at in range(0, len(row_ids), size):
        asked = row_ids.slice(at, size)
        yield tuple(each.filter(pc.is_in(each["row_id"], asked)) for each in (cells, explained))


def _commonest_first(causes: Mapping[int, Mapping[str, int]]) -> dict[int, dict[str, int]]:
    return {
        position: dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))
        for position, found in sorted(causes.items())
    }
