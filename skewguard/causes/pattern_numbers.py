"""Patterns of numbers: served values that are the trained ones in another unit, or normalised by one path alone.

A line through the cells is fitted, and then tested on every one of them: by the feature's own tolerance, or a hundredth
of the usual difference where that is less (a wide tolerance would make a pattern of noise), and the rounding of floats.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from skewguard import sql
from skewguard.causes.pattern_cells import FEWEST_VALUES, MOST_LUCK, Feature, Finding
from skewguard.equality.physical import NUMBERS, Family
from skewguard.equality.rules import FLOAT32_RELATIVE
from skewguard.equality.text import number_of

# A few units in the last place: of the values, and of the arithmetic that made one side of the other.
_ROUNDING_SINGLE = 2.0**-22
_ROUNDING_DOUBLE = 2.0**-50
_NEGLIGIBLE = 0.01


@dataclass(frozen=True, kw_only=True)
class _Line:
    """online = slope * offline + intercept, but for `rounding` (of each value) and `slack` (of every cell)."""

    slope: float
    intercept: float
    rounding: float
    slack: float
    parameters: int  # how many cells it takes to fit it


def unit_scale(feature: Feature) -> Finding | None:
    """Online = k * offline, one k, neither 0 nor 1."""
    facts = _facts(feature)
    if facts is None or facts["zeros"]:
        return None
    rounding = _rounding(feature)
    ratio = _shortest(facts["ratio"], 2 * rounding * abs(facts["ratio"]))
    if ratio == 0 or abs(ratio - 1) * _NEGLIGIBLE < 2 * rounding * max(1.0, abs(ratio)):
        return None
    line = _Line(slope=ratio, intercept=0.0, rounding=2 * rounding, slack=0.0, parameters=1)
    residual = _tested(feature, facts, line)
    return None if residual is None else Finding(evidence={"ratio": ratio, "max_residual": residual})


def rescaled(feature: Feature) -> Finding | None:
    """Online = a * offline + b, one a, not 0, and one b."""
    facts = _facts(feature)
    if facts is None or facts["lowest"] == facts["highest"]:
        return None
    slope = (facts["at_highest"] - facts["at_lowest"]) / (facts["highest"] - facts["lowest"])
    if not math.isfinite(slope):
        return None
    reach = max(abs(facts["lowest"]), abs(facts["highest"]))
    slack = 2 * _rounding(feature) * (facts["largest"] + 2 * abs(slope) * reach)
    slope = _shortest(slope, slack / 4 / reach)
    intercept = _shortest(facts["at_lowest"] - slope * facts["lowest"], slack / 4)
    if slope == 0 or slack > _NEGLIGIBLE * facts["gap"]:
        return None
    line = _Line(slope=slope, intercept=intercept, rounding=0.0, slack=slack, parameters=2)
    residual = _tested(feature, facts, line)
    if residual is None:
        return None
    return Finding(evidence={"slope": slope, "intercept": intercept, "max_residual": residual})


def _facts(feature: Feature) -> dict[str, Any] | None:
    """What the numbers of the cells say before anything is fitted; None where some are not finite numbers."""
    operands = [feature.operand(name) for name in ("offline", "online")]
    if any(each.family not in (*NUMBERS, Family.DECIMAL) for each in operands):
        return None
    offline, online = map(number_of, operands)
    sql.bind(
        feature.connection,
        "pattern_numbers",
        feature.cells.select(offline.alias("offline"), online.alias("online")),
    )
    facts = feature.facts("pattern_number_facts")
    return None if facts["unusable"] else facts


def _rounding(feature: Feature) -> float:
    single = any(feature.operand(name).family is Family.SINGLE for name in ("offline", "online"))
    return _ROUNDING_SINGLE if single or feature.rule.relative == FLOAT32_RELATIVE else _ROUNDING_DOUBLE


def _tested(feature: Feature, facts: dict[str, Any], line: _Line) -> float | None:
    """The largest residual, if `line` holds on every cell and could hardly do so by luck."""
    found = feature.facts(
        "pattern_residual",
        slope=line.slope,
        intercept=line.intercept,
        rounding=line.rounding,
        slack=line.slack,
        absolute=feature.rule.absolute,
        relative=feature.rule.relative,
        most=_NEGLIGIBLE * facts["gap"],
    )
    if found["off"] or found["told_apart"] < FEWEST_VALUES:
        return None
    grain = feature.facts("pattern_grain", rounding=_rounding(feature))
    if grain["cut_off"]:
        return None  # one side is the other cut off or rounded, whatever line that happens to lie on
    places = facts["span"] / (grain["step"] or 2 * found["widest"]) + 1
    luck = places ** (line.parameters - feature.size)
    residual: float = found["max_residual"]
    return residual if luck <= MOST_LUCK else None


def _shortest(number: float, leeway: float) -> float:
    """The decimal with the fewest digits within `leeway`: 1000, not 999.9999999998."""
    candidates = (float(f"{number:.{digits}g}") for digits in range(1, 17))
    return next((each for each in candidates if abs(each - number) <= leeway), number)
