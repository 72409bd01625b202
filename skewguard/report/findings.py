"""What a run found, one finding for each feature and reason, as machines and pull requests want it said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from skewguard.model import (
    ContractFinding,
    Example,
    FeatureResult,
    LawResult,
    LawVerdict,
    Outcome,
    Place,
    Standing,
    Verdict,
    ViewError,
)
from skewguard.report import examples, waived
from skewguard.report.plain import clipped, safe
from skewguard.report.words import GLUE, count, counted, percent
from skewguard.waiver import ANY_CAUSE

COULD_NOT_COMPARE = "could_not_compare"
WRONG_ON_BOTH = "wrong_on_both"
WARNING = "warning"
RUN_FAILED = "run_failed"
UNUSED_WAIVER = "unused_waiver"
CONTRACT, LAW = "contract_", "law_"  # before the rule of a contract, and the name of a law
LONGEST_VALUE = 80


class Level(StrEnum):
    """How much a finding weighs: an error fails the run, a note does not even warn."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that somebody should look at.

    `rule` is a cause, or one of the words above; `subject` the feature, view or transform; `view` what `place` places.
    `facet` tells findings of one rule and subject apart; `let_be` says why the verdict looks past it.
    """

    rule: str
    level: Level
    subject: str
    view: str
    message: str
    place: Place | None = None
    facet: str = ""
    let_be: str | None = None


def findings(outcome: Outcome) -> tuple[Finding, ...]:
    """All findings: features in the order of the run, then laws, then what could not be compared."""
    found = [each for feature in outcome.features for each in _of_feature(feature, outcome)]
    found += [each for law in outcome.laws if (each := _of_law(law, outcome)) is not None]
    found += [_of_error(error, outcome) for error in outcome.errors]
    return (*found, *_of_run(outcome))


def fails_as_a_whole(outcome: Outcome) -> bool:
    """Whether the run fails for what is no fault of a feature, transform or waiver that is named.

    So it does where its ledger is older than the table `waivers`, and a waiver is unused.
    """
    if outcome.run.verdict is not Verdict.FAIL or waived.unused(outcome):
        return False
    broken = any(law.verdict is LawVerdict.BROKEN for law in outcome.laws)
    return not broken and not any(each.verdict is Verdict.FAIL for each in outcome.features)


def place_of(outcome: Outcome, view: str) -> Place | None:
    """Where a view or a transform is defined; else the repo's own place."""
    places = {each.feature_view: each for each in outcome.places}
    return places.get(view, places.get(""))


def shown(example: Example) -> str:
    """One differing cell in one line: its entity and its three values."""
    said = ", ".join(f"{side} {value}" for side, value in examples.sides(example, LONGEST_VALUE))
    return f"{clipped(examples.entity(example), LONGEST_VALUE)}: {said}"


def rate(feature: FeatureResult) -> str:
    """`12 of 1,000 rows differ (budget 0 %)`."""
    rows = counted(feature.compared, "row")
    return f"{count(feature.skewed)} of {rows} differ (budget {percent(feature.max_skew_rate)})".replace(GLUE, " ")


def _of_feature(feature: FeatureResult, outcome: Outcome) -> Iterator[Finding]:
    place = place_of(outcome, feature.feature_view)
    view, subject = feature.feature_view, feature.feature
    for cause, cells in feature.causes.items():
        let_be = waived.let_be(outcome, feature, cause)
        level = Level.NOTE if let_be else _level(feature.verdict, outcome)
        message = _said(feature, cause, cells, outcome)
        yield Finding(rule=cause, level=level, subject=subject, view=view, message=message, place=place, let_be=let_be)
    for finding in feature.contract:
        if finding.broken:
            message = _contract_said(feature, finding)
            rule, level = f"{CONTRACT}{finding.rule}", _level(Verdict.WARN, outcome)
            yield Finding(
                rule=rule, level=level, subject=subject, view=view, message=message, place=place, facet=finding.side
            )
    told = any(each.broken for each in feature.contract)
    if feature.verdict is Verdict.WARN and (feature.wrong_on_both or not told):
        rule, level = WRONG_ON_BOTH if feature.wrong_on_both else WARNING, _level(Verdict.WARN, outcome)
        yield Finding(
            rule=rule, level=level, subject=subject, view=view, message=_warned(feature, outcome), place=place
        )


def _level(verdict: Verdict, outcome: Outcome) -> Level:
    match verdict:
        case Verdict.FAIL | Verdict.ERROR:
            return Level.ERROR
        case Verdict.WARN:
            return Level.ERROR if outcome.run.config.get("strict") else Level.WARNING
        case Verdict.PASS:
            return Level.NOTE


def _said(feature: FeatureResult, cause: str, cells: int, outcome: Outcome) -> str:
    said = f"{safe(feature.feature)}: {rate(feature)}, {count(cells)} by {safe(cause)}."
    found = (each for each in outcome.examples if each.feature == feature.feature)
    example = next((each for each in found if each.cause == cause), None)
    said = said if example is None else f"{said} Example: {shown(example)}"
    lapsed = (each for each in waived.of_feature(outcome, feature.feature) if each.standing is not Standing.HOLDS)
    about = [waived.said(each) for each in lapsed if each.cause in (cause, ANY_CAUSE)]
    return ". ".join([said, *about]) if about else said


def _contract_said(feature: FeatureResult, finding: ContractFinding) -> str:
    values = counted(finding.checked, "value")
    said = f"{safe(feature.feature)}: {count(finding.broken)} of {values} {finding.side} break its contract"
    said = f"{said} ({finding.rule}: {safe(finding.expected)})."
    if finding.example_value is None:
        return said
    return f"{said} Example: {clipped(safe(finding.example_value), LONGEST_VALUE)}"


def _warned(feature: FeatureResult, outcome: Outcome) -> str:
    said = f"{safe(feature.feature)}: "
    if feature.wrong_on_both:
        said += f"{counted(feature.wrong_on_both, 'row')} agree on both paths and differ from the source."
        example = next((each for each in outcome.examples if each.feature == feature.feature), None)
        return said if example is None else f"{said} Example: {shown(example)}"
    return said + ("; ".join(map(safe, feature.notes)) or "a warning")


def _of_law(law: LawResult, outcome: Outcome) -> Finding | None:
    if law.verdict is not LawVerdict.BROKEN:
        return None
    return Finding(
        rule=f"{LAW}{law.law}",
        level=Level.ERROR,
        subject=law.transform,
        view=law.transform,
        message=f"{safe(law.transform)} breaks the law {law.law}: {safe(law.message)}",
        place=place_of(outcome, law.transform),
    )


def _of_error(error: ViewError, outcome: Outcome) -> Finding:
    view = error.feature if any(each.feature_view == error.feature for each in outcome.places) else ""
    return Finding(
        rule=COULD_NOT_COMPARE,
        level=Level.ERROR,
        subject=error.feature,
        view=view or error.feature.partition(":")[0],
        message=f"{safe(error.feature)} could not be compared: {safe(error.message)}",
        place=place_of(outcome, view or error.feature.partition(":")[0]),
    )


def _of_run(outcome: Outcome) -> Iterator[Finding]:
    for each in waived.unused(outcome):
        yield Finding(
            rule=UNUSED_WAIVER,
            level=Level.ERROR,
            subject=waived.named(each),
            view="",
            message=waived.said(each),
            place=place_of(outcome, ""),
        )
    if fails_as_a_whole(outcome):
        said = "; ".join(map(safe, outcome.notes))
        yield Finding(
            rule=RUN_FAILED,
            level=Level.ERROR,
            subject=outcome.run.command,
            view="",
            message=f"The run fails, though no single feature does: {said}",
            place=place_of(outcome, ""),
        )
