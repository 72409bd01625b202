"""Who answers for skew that the verdict looks past, until when and why; and which waivers let nothing be any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from skewguard.model import FeatureResult, Outcome, Standing, Waived
from skewguard.report.plain import safe
from skewguard.report.words import GLUE, count, counted, percent
from skewguard.waiver import ANY_CAUSE, BASELINE, NAMED


def of_feature(outcome: Outcome, feature: str) -> tuple[Waived, ...]:
    """The waivers that met skew of one feature."""
    return tuple(each for each in outcome.waivers if each.feature == feature)


def unused(outcome: Outcome) -> tuple[Waived, ...]:
    """The waivers that met none: each fails the run."""
    return tuple(each for each in outcome.waivers if each.standing is Standing.UNUSED)


def let_be(outcome: Outcome, feature: FeatureResult, cause: str) -> str | None:
    """Why the verdict looks past all cells of one cause; None where it does not."""
    if feature.waived.get(cause, 0) >= feature.causes[cause]:
        return _reason(outcome, feature, cause)
    if sum(feature.waived.values()) >= feature.skewed:
        return "; ".join(dict.fromkeys(_reason(outcome, feature, each) for each in feature.waived))
    return None


def named(waiver: Waived) -> str:
    """A waiver as people find it in the file."""
    return f"{NAMED}{safe(waiver.cause)} for {safe(waiver.pattern)}"


def said(waiver: Waived) -> str:
    """What one waiver does, who gave it until when, and why."""
    given = f"by {safe(waiver.owner)} through {waiver.expires}{_cap(waiver)}: {safe(waiver.reason)}"
    cells = f"{counted(waiver.cells, 'cell')} of {_cause(waiver)}"
    match waiver.standing:
        case Standing.HOLDS:
            return f"waived: {cells}, {given}"
        case Standing.EXPIRED:
            return f"waiver expired: {cells} count again; given {given}"
        case Standing.OVER_CAP:
            return f"waiver over its cap: {cells} count; given {given}"
        case Standing.UNUSED:
            unused = f"{named(waiver)} is unused: no skew was found that is its own"
            return f"{unused}; given {given}. Delete it from pyproject.toml"
        case _ as never:
            assert_never(never)


def lines(outcome: Outcome, feature: str) -> Iterator[str]:
    """What the waivers of one feature do, a line for each."""
    return (said(each) for each in of_feature(outcome, feature))


def other_notes(outcome: Outcome, feature: FeatureResult) -> tuple[str, ...]:
    """The notes on a feature without those that say what `of_feature` has as data."""
    if not of_feature(outcome, feature.feature):
        return feature.notes
    return tuple(each for each in feature.notes if not each.startswith(NAMED))


def _reason(outcome: Outcome, feature: FeatureResult, cause: str) -> str:
    if cause == BASELINE:
        return f"{count(feature.waived[cause])} of these cells an earlier run had already (--baseline)."
    holding = [each for each in of_feature(outcome, feature.feature) if each.standing is Standing.HOLDS]
    fitting = [each for each in holding if each.cause in (cause, ANY_CAUSE)]
    if not fitting:
        return f"{safe(cause)} is let be (--allow)."
    waiver = max(fitting, key=lambda each: each.cause == cause)
    return f"{safe(waiver.reason)} ({safe(waiver.owner)}, through {waiver.expires}{_cap(waiver)})"


def _cause(waiver: Waived) -> str:
    return "any cause" if waiver.cause == ANY_CAUSE else safe(waiver.cause)


def _cap(waiver: Waived) -> str:
    if waiver.max_rate >= 1:
        return ""
    return f", for up to {percent(waiver.max_rate).replace(GLUE, ' ')} of the compared cells"
