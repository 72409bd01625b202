"""Exact bounds on a rate, and the verdicts that counts lead to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from skewguard.comparison.counted import FeatureCounts
from skewguard.comparison.statistics import bounds, rate, result_of, upper_bound, verdict_of
from skewguard.model import Verdict

ORACLE: dict[str, Any] = json.loads((Path(__file__).parents[1] / "oracles" / "diff.json").read_text())["bounds"]


@pytest.mark.parametrize(("skewed", "compared", "expected"), ORACLE["one_sided_95_upper"])
def test_one_sided_upper_bound(skewed: int, compared: int, expected: float) -> None:
    found = upper_bound(skewed, compared)
    assert found == pytest.approx(expected, rel=1e-3)
    assert found == pytest.approx(1 - 0.05 ** (1 / compared), rel=1e-9)  # the closed form for 0 skewed


@pytest.mark.parametrize(("skewed", "compared", "lower", "upper"), ORACLE["two_sided_95"])
def test_two_sided_bounds(skewed: int, compared: int, lower: float, upper: float) -> None:
    assert bounds(skewed, compared) == pytest.approx((lower, upper), rel=3e-3)


def test_bounds_at_the_edges() -> None:
    assert upper_bound(10, 10) == 1.0
    assert bounds(0, 10) == pytest.approx((0.0, 1 - 0.025 ** (1 / 10)))
    assert upper_bound(0, 0) is None and bounds(0, 0) is None and rate(0, 0) is None
    assert rate(1, 4) == 0.25


@pytest.mark.parametrize(
    ("found", "budget", "verdict"),
    [
        ({}, 0.0, Verdict.PASS),
        ({"mismatched": 1}, 0.0, Verdict.FAIL),
        ({"mismatched": 1}, 0.01, Verdict.PASS),
        ({"mismatched": 2}, 0.01, Verdict.FAIL),
        ({"serving_errors": 1}, 0.0, Verdict.FAIL),
        ({"missing_online": 1}, 0.0, Verdict.FAIL),
        ({"missing_online": 1, "within_freshness": 1}, 0.0, Verdict.PASS),
        ({"wrong_on_both": 1}, 0.0, Verdict.WARN),
        ({"not_compared": 1}, 0.0, Verdict.WARN),
        ({"not_compared": 100}, 0.0, Verdict.ERROR),
        ({"all_null": True}, 0.0, Verdict.WARN),
        ({"wrong_on_both": 1, "missing_offline": 1}, 0.0, Verdict.FAIL),
    ],
)
def test_verdict(found: dict[str, Any], budget: float, verdict: Verdict) -> None:
    assert verdict_of(FeatureCounts(feature="v:f", requested=100, **found), budget) is verdict


def test_a_result_carries_the_arithmetic() -> None:
    counts = FeatureCounts(
        feature="v:f", requested=100, mismatched=3, missing_online=2, wrong_on_both=1, not_compared=4
    )
    result = result_of(counts, feature_view="v", name="f", view_kind=None, dtype="Int64", max_skew_rate=0.5)
    assert (result.compared, result.matched, result.skewed) == (96, 90, 5)
    assert result.skew_rate == 5 / 96
    assert result.skew_rate_upper is not None and result.skew_rate_upper > 5 / 96
    assert result.causes == {"unexplained": 5}


def test_counts_that_do_not_add_up_are_a_defect() -> None:
    with pytest.raises(AssertionError):
        FeatureCounts(feature="v:f", requested=1, mismatched=2)
