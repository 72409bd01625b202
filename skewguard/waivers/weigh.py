"""Weighs skewed cells against a baseline, the waivers, and the causes that are let be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from skewguard import sql
from skewguard.vocabulary import Standing
from skewguard.waiver import Waiver, waiver_for

OF_A_CELL = ["row_id", "feature", "cause", "waiver"]
OF_A_WAIVER = {
    "feature": pa.string(),
    "cause": pa.string(),
    "number": pa.int64(),
    "expired": pa.bool_(),
    "max_rate": pa.float64(),
}


@dataclass(frozen=True, kw_only=True)
class Met:
    """A waiver and the skew of one feature that it is about; `standing` None where the baseline had all of it."""

    waiver: Waiver
    standing: Standing | None
    cells: int


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """`cells` has row_id, feature, cause and waiver (null: it counts) of each skewed cell.

    The others are by feature: `waived`, cells by what lets them be; `too_many`, cells by cause that is allowed but over
    its rate; `met`, the waivers that are about its skew.
    """

    cells: pa.Table = field(repr=False)
    waived: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    too_many: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    met: Mapping[str, Sequence[Met]] = field(default_factory=dict)


def weigh(
    connection: sql.Connection,
    skewed: pa.Table,
    *,
    earlier: pa.Table | None,
    allowed: Mapping[str, float],
    compared: Mapping[str, int],
    waivers: Sequence[Waiver] = (),
    today: date = date.min,
) -> Weighed:
    """`skewed` has row_id, feature, cause, entity (JSON); `earlier` feature and entity of what a run had before.

    A cell of the baseline is looked past whatever its cause. Of the others, those of a waiver are looked past until it
    expires and as long as they are no more than its rate of the feature's compared cells, whatever else is allowed; and
    those of an allowed cause as long as they are no more than its rate. Else all of them count.
    """
    pairs = {"feature": pa.string(), "entity": pa.string()}
    before = pa.table({name: pa.array([], kind) for name, kind in pairs.items()}) if earlier is None else earlier
    sql.bind(connection, "skewed_cells", connection.from_arrow(skewed))
    sql.bind(connection, "earlier_cells", connection.from_arrow(before))
    sql.bind(connection, "waivers", connection.from_arrow(_waivers(skewed, waivers, today)))
    sql.bind(connection, "allowances", connection.from_arrow(_pairs("cause", "rate", allowed, pa.float64())))
    sql.bind(connection, "compared_counts", connection.from_arrow(_pairs("feature", "compared", compared, pa.int64())))
    cells = sql.run(connection, __package__, "waivers").to_arrow_table()
    sql.bind(connection, "weighed_cells", connection.from_arrow(cells))
    waived: dict[str, dict[str, int]] = {}
    too_many: dict[str, dict[str, int]] = {}
    for feature, reason, looked_past, count in sql.run(connection, __package__, "weighed").fetchall():
        (waived if looked_past else too_many).setdefault(feature, {})[reason] = count
    met: dict[str, list[Met]] = {}
    for feature, number, standing, count in sql.run(connection, __package__, "standing").fetchall():
        found = Met(waiver=waivers[number], standing=None if standing is None else Standing(standing), cells=count)
        met.setdefault(feature, []).append(found)
    return Weighed(cells=cells.select(OF_A_CELL), waived=waived, too_many=too_many, met=met)


def _waivers(skewed: pa.Table, waivers: Sequence[Waiver], today: date) -> pa.Table:
    """For each feature and cause that is there, the waiver that is about them: SQL knows no patterns."""
    rows = []
    if waivers:
        numbers = {id(each): number for number, each in enumerate(waivers)}
        there = skewed.group_by(["feature", "cause"]).aggregate([])
        for pair in there.to_pylist():
            waiver = waiver_for(waivers, pair["feature"], pair["cause"])
            if waiver is not None:
                number = numbers[id(waiver)]
                rows.append({**pair, "number": number, "expired": waiver.expired(today), "max_rate": waiver.max_rate})
    return pa.Table.from_pylist(rows, schema=pa.schema(OF_A_WAIVER))


def _pairs(name: str, measure: str, values: Mapping[str, float], kind: pa.DataType) -> pa.Table:
    return pa.table({name: pa.array(list(values), pa.string()), measure: pa.array(list(values.values()), kind)})
