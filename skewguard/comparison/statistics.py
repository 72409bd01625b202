"""What the counts of a feature prove: the skew rate, its exact confidence bound, and the verdict."""

from __future__ import annotations

import math

from skewguard.comparison.counted import FeatureCounts
from skewguard.model import Cause, FeatureResult, Verdict, ViewKind

CONFIDENCE = 0.95
MEASURED = (
    *("requested", "compared", "matched", "mismatched", "missing_online", "missing_offline", "serving_errors"),
    *("wrong_on_both", "within_freshness", "not_compared", "skewed"),
    *("max_abs_error", "mean_abs_error", "max_freshness_lag"),
)


def rate(skewed: int, compared: int) -> float | None:
    """Skewed cells as a share of compared ones; undefined where nothing was compared."""
    return skewed / compared if compared else None


def upper_bound(skewed: int, compared: int, confidence: float = CONFIDENCE) -> float | None:
    """The exact one-sided upper bound on the true rate (Clopper and Pearson, Biometrika 26, 1934).

    The quantile `confidence` of Beta(skewed + 1, compared - skewed): 0 of 299 prove a rate below 1 %.
    """
    if not compared:
        return None
    if skewed >= compared:
        return 1.0
    if not skewed:  # the same in closed form, without SciPy, whose import takes longer than the diff of a small sample
        return -math.expm1(math.log1p(-confidence) / compared)
    from scipy.special import betaincinv

    return float(betaincinv(skewed + 1, compared - skewed, confidence))


def bounds(skewed: int, compared: int, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """The exact two-sided bounds on the true rate."""
    if not compared:
        return None
    from scipy.special import betaincinv

    outside = (1 - confidence) / 2
    lower = float(betaincinv(skewed, compared - skewed + 1, outside)) if skewed else 0.0
    return lower, upper_bound(skewed, compared, 1 - outside) or 0.0


def verdict_of(counts: FeatureCounts, max_skew_rate: float) -> Verdict:
    """Over its budget: fail; nothing compared: error; anything a person should look at: warn."""
    if not counts.compared:
        return Verdict.ERROR
    observed = rate(counts.skewed, counts.compared)
    if observed is not None and observed > max_skew_rate:  # 29 of 100 are no more than 0.29; 0.29 * 100 is less than 29
        return Verdict.FAIL
    if counts.wrong_on_both or counts.not_compared or counts.all_null:
        return Verdict.WARN
    return Verdict.PASS


def result_of(
    counts: FeatureCounts,
    *,
    feature_view: str,
    name: str,
    view_kind: ViewKind | None,
    dtype: str,
    max_skew_rate: float,
    owner: str | None = None,
    fingerprint: str | None = None,
    notes: tuple[str, ...] = (),
) -> FeatureResult:
    """The feature's row of the ledger. Skewed cells whose causes nobody has looked into are unexplained."""
    unexplained = {str(Cause.UNEXPLAINED): counts.skewed} if counts.skewed else {}
    found = unexplained if counts.causes is None else counts.causes
    causes = dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))  # as the ledger gives them back
    assert sum(causes.values()) == counts.skewed, (counts, causes)
    return FeatureResult(
        feature=counts.feature,
        feature_view=feature_view,
        name=name,
        view_kind=view_kind,
        dtype=dtype,
        owner=owner,
        fingerprint=fingerprint,
        skew_rate=rate(counts.skewed, counts.compared),
        skew_rate_upper=upper_bound(counts.skewed, counts.compared),
        max_skew_rate=max_skew_rate,
        verdict=verdict_of(counts, max_skew_rate),
        top_cause=next(iter(causes), None),
        notes=(*counts.notes, *notes),
        causes=causes,
        **{name: getattr(counts, name) for name in MEASURED},
    )
