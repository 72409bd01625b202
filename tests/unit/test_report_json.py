"""The JSON object: its fields, their order, and values that JSON has no word for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from skewguard.model import FeatureResult, Mode, Outcome, Verdict
from skewguard.report import json as report

# INTERFACE.md section 4, in its order.
RESULT = [
    "schema_version",
    "run_id",
    "command",
    "verdict",
    "exit_code",
    "repo",
    "project",
    "mode",
    "as_of",
    "sample",
    "versions",
    "features",
    "skipped",
    "errors",
]
FEATURE = [
    "run_id",
    "feature",
    "feature_view",
    "name",
    "view_kind",
    "dtype",
    "owner",
    "fingerprint",
    "requested",
    "compared",
    "matched",
    "mismatched",
    "missing_online",
    "missing_offline",
    "serving_errors",
    "wrong_on_both",
    "within_freshness",
    "not_compared",
    "skewed",
    "skew_rate",
    "skew_rate_upper",
    "max_skew_rate",
    "max_abs_error",
    "mean_abs_error",
    "max_freshness_lag",
    "verdict",
    "top_cause",
    "notes",
]

NUMBER = {"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}, {"type": "null"}]}
TEXT = {"type": ["string", "null"]}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": RESULT,
    "properties": {
        "schema_version": {"const": 1},
        "verdict": {"enum": ["pass", "warn", "fail", "error"]},
        "exit_code": {"enum": [0, 1, 2, 130]},
        "mode": {"enum": ["sandbox", "live", "replay", "tables", "transforms"]},
        "as_of": {"type": ["string", "null"], "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$"},
        "sample": {"type": "object", "required": ["rows", "seed"]},
        "versions": {"type": "object", "required": ["skewguard", "feast", "duckdb", "pandas", "python"]},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "required": [*FEATURE, "causes"],
                "properties": {
                    "causes": {"type": "object", "additionalProperties": {"type": "integer"}},
                    "notes": {"type": "array", "items": {"type": "string"}},
                    "max_freshness_lag": NUMBER,
                    "max_abs_error": NUMBER,
                    "skew_rate": NUMBER,
                    "owner": TEXT,
                    "requested": {"type": "integer"},
                },
            },
        },
        "skipped": {"type": "array", "items": {"type": "object", "required": ["feature", "reason"]}},
        "errors": {"type": "array", "items": {"type": "object", "required": ["feature", "message"]}},
    },
}

Maker = Callable[..., Outcome]
FeatureMaker = Callable[..., FeatureResult]


def read(outcome: Outcome) -> dict[str, Any]:
    text = report.text(outcome)
    assert text.endswith("}\n")

    def never(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    loaded: dict[str, Any] = json.loads(text, parse_constant=never)
    jsonschema.validate(loaded, SCHEMA)
    return loaded


def test_the_fields_are_those_of_the_interface_in_its_order(red: Outcome) -> None:
    result = read(red)
    assert list(result)[: len(RESULT)] == RESULT
    for each in result["features"]:
        assert list(each)[: len(FEATURE)] == FEATURE
        assert each["run_id"] == result["run_id"]
    assert result["features"][1]["causes"] == {"unexplained": 12}
    assert result["skipped"][0] == {"feature": "labels", "reason": "label views are not served online"}


def test_the_same_result_is_the_same_text(red: Outcome) -> None:
    assert report.text(red) == report.text(replace(red))


def test_non_finite_numbers_intervals_and_times(make_outcome: Maker, make_feature: FeatureMaker) -> None:
    feature = make_feature(
        "x",
        max_abs_error=float("inf"),
        mean_abs_error=float("nan"),
        skew_rate=float("-inf"),
        max_freshness_lag=timedelta(hours=1, milliseconds=500),
    )
    outcome = make_outcome(feature)
    eastern = datetime(2013, 7, 1, 8, tzinfo=timezone(timedelta(hours=-4)))
    result = read(replace(outcome, run=replace(outcome.run, as_of=eastern)))
    (entry,) = result["features"]
    assert (entry["max_abs_error"], entry["mean_abs_error"], entry["skew_rate"]) == ("Infinity", "NaN", "-Infinity")
    assert entry["max_freshness_lag"] == 3600.5
    assert result["as_of"] == "2013-07-01T12:00:00+00:00"


def test_names_keep_their_letters(make_outcome: Maker, make_feature: FeatureMaker) -> None:
    name = 'drôle "née" \u202e\x1b[31m; drop table'
    text = report.text(make_outcome(make_feature(name)))
    assert json.loads(text)["features"][0]["name"] == name
    assert "\x1b" not in text


def test_an_error_has_the_same_shape() -> None:
    stand_in = report.error_object(
        command="check", mode=Mode.LIVE, repo=None, message="no such folder", exit_code=2, skewguard="0"
    )
    jsonschema.validate(json.loads(report.dumped(stand_in)), SCHEMA)
    assert stand_in["verdict"] == "error"
    assert stand_in["errors"] == [{"feature": None, "message": "no such folder"}]


def test_it_has_the_keys_of_a_result(green: Outcome) -> None:
    stand_in = report.error_object(command="", mode=Mode.LIVE, repo=None, message="", exit_code=2, skewguard="0")
    assert list(stand_in) == list(report.as_object(green))


def test_the_schema_can_fail(green: Outcome) -> None:
    broken = report.as_object(green) | {"verdict": "fine"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, SCHEMA)


def test_the_ledger_is_named(green: Outcome) -> None:
    assert read(green)["ledger"] == str(Path("/work") / "skewguard.duckdb")
    assert read(green)["verdict"] == Verdict.PASS.value
