"""Weighs skewed cells against a baseline and the causes that are let be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from skewguard import sql

BASELINE = "baseline"


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """`cells` has row_id, feature, cause and waiver (null: it counts) of each skewed cell.

    `waived` and `too_many` are by feature: cells by waiver, and cells by cause that is allowed but over its rate.
    """

    cells: pa.Table = field(repr=False)
    waived: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    too_many: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def weigh(
    connection: sql.Connection,
    skewed: pa.Table,
    *,
    earlier: pa.Table | None,
    allowed: Mapping[str, float],
    compared: Mapping[str, int],
) -> Weighed:
    """`skewed` has row_id, feature, cause, entity (JSON); `earlier` feature and entity of what a run had before.

    A cell of the baseline is looked past whatever its cause. The others of an allowed cause are looked past as long as
    they are no more than its rate of the feature's compared cells; above it, all of them count.
    """
    pairs = {"feature": pa.string(), "entity": pa.string()}
    before = pa.table({name: pa.array([], kind) for name, kind in pairs.items()}) if earlier is None else earlier
    sql.bind(connection, "skewed_cells", connection.from_arrow(skewed))
    sql.bind(connection, "earlier_cells", connection.from_arrow(before))
    sql.bind(connection, "allowances", connection.from_arrow(_pairs("cause", "rate", allowed, pa.float64())))
    sql.bind(connection, "compared_counts", connection.from_arrow(_pairs("feature", "compared", compared, pa.int64())))
    cells = sql.run(connection, __package__, "waivers").to_arrow_table()
    sql.bind(connection, "weighed_cells", connection.from_arrow(cells))
    waived: dict[str, dict[str, int]] = {}
    too_many: dict[str, dict[str, int]] = {}
    for feature, reason, looked_past, count in sql.run(connection, __package__, "weighed").fetchall():
        (waived if looked_past else too_many).setdefault(feature, {})[reason] = count
    return Weighed(cells=cells.drop_columns(["too_many"]), waived=waived, too_many=too_many)


def _pairs(name: str, measure: str, values: Mapping[str, float], kind: pa.DataType) -> pa.Table:
    return pa.table({name: pa.array(list(values), pa.string()), measure: pa.array(list(values.values()), kind)})
