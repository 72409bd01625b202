"""The result as JUnit XML, which Jenkins, GitLab and most other CI systems read: a test case per feature and law."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import assert_never
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from skewguard.model import FeatureResult, LawResult, LawVerdict, Outcome, Verdict
from skewguard.report import findings, waived
from skewguard.report.json import dumped, plain
from skewguard.report.plain import safe, safe_paragraph
from skewguard.report.remedies import remedy_of
from skewguard.report.words import GLUE, bound, causes, kinds

# What no XML 1.0 document may hold, not even escaped.
FORBIDDEN = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
OUTCOMES = ("failure", "error", "skipped")


def text(outcome: Outcome) -> str:
    """The document, ending in a line break. The names of cases are those of features: the same in every run."""
    cases = [*_cases(outcome)]
    run = outcome.run
    seconds = f"{(run.finished_at - run.started_at).total_seconds():.3f}"
    totals = {"tests": str(len(cases)), **{f"{name}s": _count(cases, name) for name in ("failure", "error")}}
    root = Element("testsuites", {"name": "skewguard", "time": seconds, **totals})
    suite = _added(
        root,
        "testsuite",
        name=f"skewguard {run.command}",
        time=seconds,
        timestamp=f"{run.started_at:%Y-%m-%dT%H:%M:%S}",
        id=run.run_id,
        skipped=_count(cases, "skipped"),
        **totals,
    )
    properties = SubElement(suite, "properties")
    for name in ("mode", "verdict", "repo", "project", "as_of", "git_commit", "skewguard_version", "feast_version"):
        value = plain(getattr(run, name))
        if value is not None:
            _added(properties, "property", name=name, value=str(value))
    suite.extend(cases)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _cases(outcome: Outcome) -> Iterator[Element]:
    told: set[str] = set()
    for feature in outcome.features:
        case = _case(feature.feature_view or outcome.run.command, feature.feature)
        errors = [each for each in outcome.errors if each.feature in (feature.feature, feature.feature_view)]
        told.update(each.feature for each in errors)
        _judge(case, feature, outcome, "\n".join(each.message for each in errors))
        yield case
    for law in outcome.laws:
        yield _law(law)
    for error in outcome.errors:
        if error.feature not in told:
            case = _case(error.feature.partition(":")[0], error.feature)
            _end(case, "error", findings.COULD_NOT_COMPARE, error.message)
            yield case
    for waiver in waived.unused(outcome):
        case = _case("waivers", waived.named(waiver))
        _end(case, "failure", findings.UNUSED_WAIVER, waived.said(waiver))
        yield case
    if findings.fails_as_a_whole(outcome):
        case = _case(outcome.run.command, "the run as a whole")
        _end(case, "failure", findings.RUN_FAILED, "\n".join(outcome.notes) or "the run fails")
        yield case
    for skipped in outcome.skipped:
        case = _case(skipped.feature.partition(":")[0], skipped.feature)
        _end(case, "skipped", "skipped", skipped.reason)
        yield case


def _judge(case: Element, feature: FeatureResult, outcome: Outcome, error: str) -> None:
    match feature.verdict:
        case Verdict.FAIL:
            _end(case, "failure", feature.top_cause or "skew", findings.rate(feature), _details(feature, outcome))
        case Verdict.ERROR:
            _end(case, "error", findings.COULD_NOT_COMPARE, error or "nothing was compared", _details(feature, outcome))
        case Verdict.WARN if outcome.run.config.get("strict"):
            said = "a warning, and --strict was asked for"
            _end(case, "failure", findings.WARNING, said, _details(feature, outcome))
        case Verdict.WARN | Verdict.PASS:
            SubElement(case, "system-out").text = _allowed(_details(feature, outcome))


def _details(feature: FeatureResult, outcome: Outcome) -> str:
    lines = [bound(feature), kinds(feature), f"cause: {causes(feature)}" if feature.causes else ""]
    lines += [
        f"owner: {safe(feature.owner)}" if feature.owner else "",
        *waived.lines(outcome, feature.feature),
        *(f"note: {safe(each)}" for each in waived.other_notes(outcome, feature)),
    ]
    lines += [findings.shown(each) for each in outcome.examples if each.feature == feature.feature]
    for cause in feature.causes:
        remedy = remedy_of(cause)
        lines += [f"{safe(cause)}: {remedy.is_when} What to do: {remedy.what_to_do}"]
    return "\n".join(line for line in lines if line).replace(GLUE, " ")


def _law(law: LawResult) -> Element:
    case = _case(law.transform, law.law)
    match law.verdict:
        case LawVerdict.BROKEN:
            _end(case, "failure", f"{findings.LAW}{law.law}", law.message, _counterexample(law))
        case LawVerdict.NOT_APPLICABLE:
            _end(case, "skipped", "skipped", law.message)
        case LawVerdict.HELD:
            pass
        case _ as never:
            assert_never(never)
    return case


def _counterexample(law: LawResult) -> str:
    """What was said, and the test that can be pasted into a file and run."""
    lines = [safe_paragraph(law.message)]
    if law.counterexample is not None:
        lines.append(safe_paragraph(str(law.counterexample.get("test") or dumped(law.counterexample))))
    return "\n\n".join(lines)


def _case(group: str, name: str) -> Element:
    return Element("testcase", {"classname": _allowed(f"skewguard.{safe(group)}"), "name": _allowed(safe(name))})


def _end(case: Element, name: str, kind: str, message: str, body: str = "") -> None:
    first = safe(message.split("\n")[0])
    _added(case, name, type=kind, message=first).text = _allowed(body or safe_paragraph(message))


def _added(parent: Element, tag: str, /, **attributes: str) -> Element:
    return SubElement(parent, tag, {key: _allowed(value) for key, value in attributes.items()})


def _allowed(value: str) -> str:
    return FORBIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), value)


def _count(cases: list[Element], name: str) -> str:
    return str(sum(case.find(name) is not None for case in cases))
