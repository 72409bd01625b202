"""SARIF: valid by the standard's schema, at the line that defines the feature, and tracked from run to run."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hostile import feature, hostile, run_record

from skewguard.model import Cause, Law, Outcome, Place, Promise, Verdict
from skewguard.report import sarif
from skewguard.report.findings import CONTRACT, LAW
from skewguard.report.rules import OTHERS, rule_of

SCHEMA = Path(__file__).parents[1] / "data" / "sarif-2.1.0.schema.json"


@cache
def validator() -> jsonschema.Draft4Validator:
    return jsonschema.Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def run_of(outcome: Outcome) -> dict[str, Any]:
    """The one run, once the schema has accepted the log."""
    log = json.loads(sarif.text(outcome))
    validator().validate(log)
    (run,) = log["runs"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    found: dict[str, Any] = run
    return found


def results(outcome: Outcome) -> dict[tuple[str, str], dict[str, Any]]:
    return {(each["properties"]["feature"], each["ruleId"]): each for each in run_of(outcome)["results"]}


def uri(result: dict[str, Any]) -> tuple[str, int]:
    where = result["locations"][0]["physicalLocation"]
    return where["artifactLocation"]["uri"], where["region"]["startLine"]


def test_green_red_hostile_and_nothing_are_valid(green: Outcome, red: Outcome) -> None:
    for outcome in (green, red, hostile(), Outcome(run=run_record(project=None), exit_code=2, features=())):
        run_of(outcome)
    assert run_of(green)["results"] == []


def test_the_schema_can_refuse(red: Outcome) -> None:
    log = json.loads(sarif.text(red))
    log["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError, match="fatal"):
        validator().validate(log)


def test_every_kind_of_finding_has_its_level_and_its_place() -> None:
    found = results(hostile())
    failing = next(result for (name, rule), result in found.items() if name.startswith("view 0:"))
    assert (failing["ruleId"], failing["level"]) == ("ttl_not_enforced", "error")
    assert uri(failing) == ("transforms/a%20file%2C%20with%3A%20100%25.py", 12)
    assert failing["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
    absolute = next(result for (name, rule), result in found.items() if name.startswith("view 1:"))
    assert uri(absolute) == ("file:///elsewhere/x.py", 3)
    assert uri(found["failed", "could_not_compare"]) == ("feature_repo/feature_store.yaml", 1)
    assert uri(found["tidy.transform", "law_batch_invariant"]) == ("transforms/tidy.py", 4)
    levels = {rule: result["level"] for (_, rule), result in found.items()}
    assert levels == {
        "ttl_not_enforced": "error",
        "late_arrival": "note",
        "contract_range": "warning",
        "wrong_on_both": "warning",
        "law_batch_invariant": "error",
        "could_not_compare": "error",
        "unused_waiver": "error",
    }
    (suppressed,) = found["let be:x", "late_arrival"]["suppressions"]
    assert (suppressed["kind"], suppressed["status"]) == ("external", "accepted")
    for said in ("<script>alert('x')</script>", "# head", "through 2026-12-31", "up to 5 %"):
        assert said in suppressed["justification"]
    assert "suppressions" not in failing


def test_a_warning_is_an_error_where_strict_was_asked_for() -> None:
    warned = feature("v", "x", verdict=Verdict.WARN, wrong_on_both=1)
    for strict, level in ((False, "warning"), (True, "error")):
        outcome = Outcome(run=run_record(config={"strict": strict}), exit_code=0, features=(warned,))
        assert results(outcome)["v:x", "wrong_on_both"]["level"] == level


def prints(outcome: Outcome) -> list[str]:
    return [each["partialFingerprints"]["skewguardFinding/v1"] for each in run_of(outcome)["results"]]


def test_a_finding_keeps_its_fingerprint_wherever_its_code_moves_and_shares_it_with_no_other() -> None:
    before = hostile()
    moved = tuple(Place(feature_view=each.feature_view, file="moved.py", line=each.line + 9) for each in before.places)
    fewer = tuple(replace(each, skewed=each.skewed - each.skewed // 2) for each in before.features)
    after = replace(before, places=moved, features=fewer, run=run_record(run_id="another", seed=9))
    assert prints(before) == prints(after)
    assert len(set(prints(before))) == len(prints(before)) == 8 + 1 + 2 + 1 + 1 + 2 + 1
    elsewhere = replace(before, run=run_record(project="another"))
    assert not set(prints(before)) & set(prints(elsewhere))


def test_a_run_that_fails_as_a_whole_says_so() -> None:
    fine = replace(
        hostile(), features=(feature("fine", "x"),), laws=(), errors=(), notes=("a waiver is unused",), waivers=()
    )
    (result,) = run_of(fine)["results"]
    assert (result["ruleId"], result["level"]) == ("run_failed", "error")
    assert "a waiver is unused" in result["message"]["text"]


def test_no_value_becomes_a_link() -> None:
    linked = next(result for (name, _), result in results(hostile()).items() if name.startswith("view 3:"))
    text = linked["message"]["text"]
    assert "\\[link\\](https" in text
    assert "[link](https" not in text


def test_every_rule_has_help() -> None:
    names = [*Cause, *OTHERS, *(f"{LAW}{law}" for law in Law), *(f"{CONTRACT}{promise}" for promise in Promise)]
    for name in names:
        rule = rule_of(str(name))
        assert rule.title
        assert len(rule.says) > 20, name
        assert len(rule.what_to_do) > 20, name
    assert len({rule_of(str(name)).says for name in names}) == len(names)
