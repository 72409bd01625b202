"""Two answers of a batch transform side by side: the first row or value in which they differ by more than float noise.

Features match by the rules of equality, as everywhere. Floats also match within compare.NOISE (1e-9) of a scale, since
a running sum that a large number has passed through keeps an error in proportion to that number, not to what is left of
the sum. The scale is the feature's largest value in the answers, rows that are not compared among them; or a
THOUSANDTH of the largest number among the events where that is more, but never over a THOUSAND times the former. So a
sum of double precision is never taken for broken, and a large identifier among the events hides no fault.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from skewguard.proofs.batch_code import BatchCode, Tables
from skewguard.proofs.batch_rows import Key, Outputs, identity
from skewguard.proofs.compare import differ

THOUSAND = 1e3


@dataclass(frozen=True, kw_only=True)
class Parted:
    """Where two answers part: at one row and, where it is in both, one feature of it."""

    key: Key
    feature: str | None
    one: Any
    other: Any


def parted(code: BatchCode, tables: Tables, one: Outputs, other: Outputs, *whole: Outputs) -> Parted | None:
    """The first difference in the order of time; None where there is none. `whole`: all rows, for the scale."""
    if one == other:
        return None
    scales: Mapping[str, float] | None = None
    for key in sorted(one.keys() | other.keys(), key=_order):
        if key not in one or key not in other:
            return Parted(key=key, feature=None, one=key in one, other=key in other)
        if one[key] == other[key]:
            continue
        scales = scales or _scales(code, tables, (one, other, *whole))
        for feature in code.features:
            values = one[key][feature.name], other[key][feature.name]
            if differ(feature, *values, scale=scales[feature.name]):
                return Parted(key=key, feature=feature.name, one=values[0], other=values[1])
    return None


def _scales(code: BatchCode, tables: Tables, answers: Sequence[Outputs]) -> dict[str, float]:
    inputs = _largest(value for rows in tables.values() for row in rows for value in row.values())
    scales = {}
    for feature in code.features:
        outputs = _largest(row[feature.name] for rows in answers for row in rows.values())
        scales[feature.name] = max(outputs, min(inputs / THOUSAND, outputs * THOUSAND))
    return scales


def _largest(values: Iterable[Any]) -> float:
    numbers = (abs(value) for value in values if isinstance(value, int | float) and math.isfinite(value))
    return float(max(numbers, default=0.0))


def _order(key: Key) -> tuple[Any, ...]:
    return (key[0], *(repr(each) for each in key[1:]))


def says(code: BatchCode, found: Parted, one: str, other: str) -> str:
    """A sentence: `x` of driver 7 at 05:00 is 1.0 with ..., and 2.0 with ...."""
    where = f"for {entity_text(code, found.key)} at {time_text(found.key[0])}"
    if found.feature is None:
        there, missing = (one, other) if found.one else (other, one)
        return f"{where} there is a row {there}, and none {missing}"
    return f"{where} {found.feature} is {shown(found.one)} {one}, and {shown(found.other)} {other}"


def entity_text(code: BatchCode, key: Key) -> str:
    """`driver_id 7`; the keys of an output's identity, or of an entity alone."""
    parts = key[1:] if len(key) == len(identity(code)) else key
    return ", ".join(f"{name} {shown(part)}" for name, part in zip(code.entity, parts, strict=False)) or "all"


def time_text(at: datetime) -> str:
    """A moment as ISO-8601, in UTC."""
    return at.isoformat(sep=" ").replace("+00:00", "Z")


def shown(value: Any) -> str:
    """A value as a person reads it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "null"
    if isinstance(value, datetime):
        return time_text(value)
    return repr(value)


def found_as(found: Parted) -> dict[str, Any]:
    """For a counterexample's data."""
    return {"row": list(found.key), "feature": found.feature, "values": [found.one, found.other]}
