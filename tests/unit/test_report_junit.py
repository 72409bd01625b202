"""JUnit XML: valid by the schema that Jenkins reads, one case per feature and law, and values stay text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hostile import NASTY, feature, hostile, run_record
from lxml import etree

from skewguard.model import Outcome, Verdict
from skewguard.report import junit

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parents[1] / "data" / "junit-10.xsd"))


def parsed(outcome: Outcome) -> etree._Element:
    """The root, once the schema has accepted the document."""
    root = etree.fromstring(junit.text(outcome).encode())
    SCHEMA.assertValid(root)
    return root


def cases(root: etree._Element) -> dict[tuple[str, str], etree._Element]:
    found = {(each.get("classname"), each.get("name")): each for each in root.iter("testcase")}
    assert len(found) == len(list(root.iter("testcase"))), "a case is known by its names"
    return found


def test_green_and_red_and_hostile_are_valid(green: Outcome, red: Outcome) -> None:
    for outcome in (green, red, hostile(), Outcome(run=run_record(), exit_code=2, features=())):
        parsed(outcome)


def test_the_schema_can_refuse() -> None:
    text = junit.text(hostile())
    for broken in (text.replace(' tests="', ' test="'), text.replace("<testcase", "<testcases", 1)):
        with pytest.raises((etree.DocumentInvalid, etree.XMLSyntaxError)):
            SCHEMA.assertValid(etree.fromstring(broken.encode()))


def test_each_feature_is_a_case_that_ends_as_its_verdict(red: Outcome) -> None:
    found = cases(parsed(red))
    assert list(found) == [
        ("skewguard.carrier", "carrier:mean_delay"),
        ("skewguard.carrier", "carrier:late"),
        ("skewguard.weather", "weather"),
        ("skewguard.labels", "labels"),
    ]
    ends = {name: [each.tag for each in case] for (_, name), case in found.items()}
    assert ends == {
        "carrier:mean_delay": ["system-out"],
        "carrier:late": ["failure"],
        "weather": ["error"],
        "labels": ["skipped"],
    }
    failure = found["skewguard.carrier", "carrier:late"][0]
    assert failure.get("type") == "unexplained"
    assert failure.get("message") == "12 of 1,000 rows differ (budget 0 %)"
    for said in ("10 mismatch, 2 missing_online", "owner: ops", "carrier='A0': source 1.25, offline 1.25, online 1.5"):
        assert said in failure.text


def test_totals_are_those_of_the_cases() -> None:
    root = parsed(hostile())
    suite = root[0]
    for total, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        expected = str(sum(1 for _ in root.iter(tag)))
        assert suite.get(total) == expected
        assert root.get(total, expected) == expected
    assert suite.get("time") == "1234.500"


def test_what_is_said_comes_back_as_text_even_where_xml_has_no_word_for_it() -> None:
    found = cases(parsed(hostile()))
    skipped = found["skewguard.label 0", "label 0"][0]
    assert skipped.text == NASTY[0]
    skipped = found["skewguard.label 1", "label 1"][0]
    assert skipped.text == "\\x00\\x01\\x1b[31m\\u202e\\ufffe\U0001f600 and\\r\na second line"
    error = found["skewguard.failed", "failed:x"][0]
    assert (error.tag, error.get("type")) == ("error", "could_not_compare")


def test_each_law_is_a_case(red: Outcome) -> None:
    found = cases(parsed(replace(hostile(), features=(), skipped=(), errors=(), waivers=())))
    ends = {name: [each.tag for each in case] for (_, name), case in found.items()}
    assert ends == {"batch_invariant": ["failure"], "deterministic": [], "incremental": ["skipped"]}
    assert "def test_it():\n    assert '<]]>'" in found["skewguard.tidy.transform", "batch_invariant"][0].text


def test_names_are_the_same_whatever_came_of_them() -> None:
    before = hostile()
    after = replace(before, features=tuple(replace(each, verdict=Verdict.PASS) for each in before.features))
    assert cases(parsed(before)).keys() == cases(parsed(after)).keys()


def test_a_warning_fails_where_strict_was_asked_for() -> None:
    warned = feature("v", "x", verdict=Verdict.WARN, notes=("null everywhere",))
    for strict, tag in ((False, "system-out"), (True, "failure")):
        run = run_record(config={"strict": strict}, verdict=Verdict.WARN)
        (case,) = parsed(Outcome(run=run, exit_code=int(strict), features=(warned,))).iter("testcase")
        assert [each.tag for each in case] == [tag]
        assert "note: null everywhere" in case[0].text


def test_a_run_that_fails_as_a_whole_has_a_case_that_fails() -> None:
    fine = replace(
        hostile(), features=(feature("fine", "x"),), laws=(), errors=(), notes=("a waiver is unused",), waivers=()
    )
    failures = [*parsed(fine).iter("failure")]
    assert [(each.get("type"), each.text) for each in failures] == [("run_failed", "a waiver is unused")]
