"""Cases of one view whose features' cells a pattern may explain, and what is named in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pyarrow as pa

from skewguard import sql
from skewguard.causes.patterns import OtherFeature, PatternCase, name_patterns
from skewguard.equality.equal import kind_of
from skewguard.equality.rules import rule_of
from skewguard.model import FeatureSpec, JoinKey, Kind, Side, ViewKind, ViewSpec

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEFT = pa.schema({"row_id": pa.int64(), "position": pa.int32()})
INSTANT = pa.timestamp("us", tz="UTC")


@cache
def connection() -> sql.Connection:
    """One for all cases: what one leaves behind must not show in the next."""
    return sql.connect()


class Told:
    """What was named: by position and row_id, the cause and its evidence."""

    def __init__(self, table: pa.Table) -> None:
        self.cells = {
            (each["position"], each["row_id"]): (each["cause"], json.loads(each["evidence"]))
            for each in table.to_pylist()
        }

    def causes(self, position: int = 0) -> set[str]:
        """The causes named for a feature."""
        return {cause for (at, _), (cause, _) in self.cells.items() if at == position}

    def evidence(self, position: int = 0) -> dict[str, Any]:
        """The evidence of the first cell of a feature."""
        return next(evidence for (at, _), (_, evidence) in sorted(self.cells.items()) if at == position)


def side(columns: Sequence[pa.Array], known: Mapping[int, Sequence[bool]] | None = None) -> Side:
    size = len(columns[0])
    table = {"row_id": pa.array(range(size), pa.int64()), "error": pa.nulls(size, pa.string())}
    table |= {f"v{position}": column for position, column in enumerate(columns)}
    table |= {f"k{position}": pa.array(values) for position, values in (known or {}).items()}
    return Side(table=pa.table(table))


def column(values: Sequence[Any] | pa.Array, arrow_type: pa.DataType | None = None) -> pa.Array:
    return values if isinstance(values, pa.Array) else pa.array(values, arrow_type, from_pandas=False)


def told(
    dtype: str | Sequence[str],
    offline: Sequence[Any],
    online: Sequence[Any],
    *,
    source: Any = "offline",
    keys: Mapping[str, Sequence[Any]] | None = None,
    arrow_type: pa.DataType | None = None,
    others: Mapping[str, Sequence[Any]] | None = None,
    as_of: Sequence[datetime] | None = None,
    known: Mapping[int, Sequence[bool]] | None = None,
) -> Told:
    """What is named for features of `dtype`s. One feature takes plain lists; several take a list of columns each.

    `source` is the offline side unless given; None: there is no source value. The cells are those that differ.
    """
    if isinstance(dtype, str):
        dtype, offline, online = [dtype], [offline], [online]
        source = [source] if isinstance(source, list | pa.Array) else source
    sides = [[column(each, arrow_type) for each in columns] for columns in (offline, online)]
    fresh = sides[0] if source == "offline" else source and [column(each, arrow_type) for each in source]
    size, rules = len(sides[0][0]), tuple(map(rule_of, dtype))
    keys = {"driver_id": list(range(size))} if keys is None else dict(keys)
    left = [
        (row_id, position)
        for position, rule in enumerate(rules)
        for row_id, pair in enumerate(zip(*(each[position].to_pylist() for each in sides), strict=True))
        if kind_of(*pair, rule) is not Kind.MATCH
    ]
    case = PatternCase(
        view=ViewSpec(
            name="v", base_name="v", kind=ViewKind.FEATURE_VIEW, source=None,
            join_keys=tuple(JoinKey(name=name, column=name, dtype="Int64") for name in keys),
            features=tuple(FeatureSpec(view="v", name=f"f {at}", dtype=each) for at, each in enumerate(dtype)),
        ),
        rules=rules,
        rows=pa.table(
            {"row_id": pa.array(range(size), pa.int64()), **keys, "as_of": pa.array(as_of or [NOON] * size, INSTANT)}
        ),
        source=fresh and side(fresh, known), offline=side(sides[0]), online=side(sides[1]),
        cells=pa.table(list(zip(*left, strict=True)) or [[], []], schema=LEFT),
        others={
            ref: OtherFeature(source=side([column(values, arrow_type)]), position=0)
            for ref, values in (others or {}).items()
        },
    )  # fmt: skip
    found = name_patterns(connection(), case)
    answer = Told(found)
    assert found.num_rows == len(answer.cells), "a cell is named once"
    for position in {position for position, _ in answer.cells}:
        named = {row_id for at, row_id in answer.cells if at == position}
        assert named == {row_id for row_id, at in left if at == position}, "all cells or none"
    return answer
