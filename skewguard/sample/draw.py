"""The seeded draw: rows ordered by a hash of their own text, so that neither machine nor file order plays a part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from skewguard import sql
from skewguard.errors.selection import SampleNotPositive

SEPARATOR = "\x1f"
TIMES = ("TIMESTAMP", "DATE")


@dataclass(frozen=True, kw_only=True)
class Draw:
    """Entity rows drawn for one view, in the order of the draw.

    `rows` holds the join keys under the names of requests, request data, and `as_of` where the user's file gave times.
    `population` is how many there were to draw from, `online_only` how many of them only the online store has. A view
    without keys has one row and no columns.
    """

    rows: pa.Table
    population: int
    online_only: int = 0
    notes: tuple[str, ...] = ()


def check_size(rows: int | None) -> None:
    """A sample has at least one row; None means all."""
    if rows is not None and rows < 1:
        raise SampleNotPositive(rows)


def draw(
    connection: sql.Connection, relation: sql.Relation, *, hashed: Sequence[str], rows: int | None, seed: int
) -> pa.Table:
    """`rows` of the rows of `relation` (columns k0, k1, ...), by the text of the columns `hashed`, in that order."""
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    texts = [canonical_text(sql.column(name), types[name]) for name in hashed]
    key_text = sql.function("concat_ws", sql.constant(SEPARATOR), *texts).alias("key_text")
    sql.bind(connection, "drawn_from", relation.select(*map(sql.column, relation.columns), key_text))
    return sql.run(connection, __package__, "draw", seed=str(seed), row_limit=rows).to_arrow_table()


def canonical_text(key: sql.Expression, duck_type: str) -> sql.Expression:
    """The text of a key, the same for every type that can hold it: 7 as int32 or int64, an instant in ms or ns."""
    if duck_type == "BLOB":
        text = sql.function("hex", key)
    elif duck_type.startswith("TIMESTAMPTZ_NS"):
        text = sql.function("epoch_us", key.cast("TIMESTAMPTZ")).cast("VARCHAR")
    elif duck_type.startswith(TIMES):
        text = sql.function("epoch_us", key).cast("VARCHAR")
    else:
        text = key.cast("VARCHAR")
    return sql.case(key.isnull(), sql.constant("")).otherwise(text)  # concat_ws would leave a null out
