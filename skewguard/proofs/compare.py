"""Compares two answers of one transform by the rules of equality, with a tolerance for the order of summation.

The rule is that of the declared dtype, as everywhere. Beside it, two floats that differ by no more than NOISE of the
larger one are one: adding the same numbers in another order moves the last bits of a double and no more. A sum that
cancels has no digits left: what lies within NOISE of the largest number that went in (`scale`) is noise too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

from skewguard.equality.equal import kind_of
from skewguard.equality.rules import Rule, rule_of
from skewguard.model import FeatureSpec, Kind

# A sum of 10,000 doubles is off by about 1e-12 of its terms; a broken law is off by far more (see tests).
NOISE = 1e-9


def differ(feature: FeatureSpec, one: Any, other: Any, *, scale: float = 0.0, reads_float32: bool = False) -> bool:
    """Whether two values of a feature are not the same value. `scale`: the largest number among the inputs."""
    rule = rule_of_feature(feature, reads_float32=reads_float32)
    if kind_of(one, other, rule) is Kind.MATCH:
        return False
    if isinstance(one, float) and isinstance(other, float) and one == one and other == other:
        largest = max(abs(one), abs(other))
        if math.isinf(largest):  # of which any share is infinite too: nothing finite is near it
            return True
        return not abs(one - other) <= NOISE * max(largest, scale)
    return True


@cache
def rule_of_feature(feature: FeatureSpec, *, reads_float32: bool = False) -> Rule:
    """How the values of a feature are compared."""
    return rule_of(feature.dtype, feature.contract.tolerance, reads_float32=reads_float32)


def differing(
    features: tuple[FeatureSpec, ...],
    one: Mapping[str, Any],
    other: Mapping[str, Any],
    *,
    scale: float = 0.0,
    reads_float32: bool = False,
) -> str | None:
    """The name of the first feature in which two rows of answers differ; None where they are the same."""
    for feature in features:
        if differ(feature, one.get(feature.name), other.get(feature.name), scale=scale, reads_float32=reads_float32):
            return feature.name
    return None
