"""Waivers in pyproject.toml: skew that somebody answers for does not fail, until its day, its cap, or its end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from building import NOON, Checked, Project, hours

AT_NOON = ("--as-of", NOON.isoformat())
VIEW = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
stats = FeatureView(
    name="stats", entities=[driver], ttl=timedelta(hours=24),
    schema=[Field(name="trips", dtype=Int64), Field(name="city", dtype=String)],
    source=FileSource(name="s", path=HERE + "/stats.parquet", timestamp_field="at"),
)
fresh = FeatureView(
    name="fresh", entities=[driver], ttl=timedelta(hours=24), schema=[Field(name="n", dtype=Int64)],
    source=FileSource(name="f", path=HERE + "/fresh.parquet", timestamp_field="at"),
)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Three of twenty drivers have expired in `stats`, none in `fresh`."""
    made = Project(folder=tmp_path_factory.mktemp("waived") / "repo")
    made.define(VIEW)
    drivers = list(range(20))
    old = {3: 30.0, 4: 25.0, 5: 26.0}
    stats = {"driver_id": drivers, "at": [NOON - hours(old.get(each, 1.0)) for each in drivers]}
    made.source("stats", {**stats, "trips": drivers, "city": [f"c{each}" for each in drivers]})
    made.source("fresh", {"driver_id": drivers, "at": [NOON - hours(1)] * 20, "n": drivers})
    return made


def waiver(**changed: object) -> str:
    """A table as TOML; None leaves a key out."""
    said = {
        "feature": "stats:*",
        "cause": "ttl_not_enforced",
        "reason": "served until the purge job is live",
        "owner": "drivers team",
        "expires": "2999-12-31",
        **changed,
    }
    lines = [
        f"{key} = {value if isinstance(value, (int, float)) else repr(value)}"
        for key, value in said.items()
        if value is not None
    ]
    return "\n".join(["[[tool.skewguard.waivers]]", *lines, ""])


def checked(project: Project, *waivers: str, words: tuple[str, ...] = ()) -> Checked:
    (project.folder / "pyproject.toml").write_text("[tool.skewguard]\n" + "".join(waivers), encoding="utf-8")
    return project.check(*AT_NOON, *words)


def test_a_waived_finding_is_shown_and_does_not_fail(project: Project) -> None:
    unwaived = checked(project)
    assert (unwaived.exit_code, unwaived.feature("stats:trips")["waived"]) == (1, {})
    found = checked(project, waiver())
    assert (found.exit_code, found.result["verdict"]) == (0, "pass"), found.stdout
    entry = found.feature("stats:trips")
    assert (entry["verdict"], entry["skewed"], entry["waived"]) == ("pass", 3, {"ttl_not_enforced": 3})
    (note,) = [each for each in entry["notes"] if "lets 3 of 20" in each]
    for said in ("through 2999-12-31", "served until the purge job is live", "drivers team"):
        assert said in note
    assert "it looks past 6 skewed cells" in found.stdout
    assert "drivers team" in found.stdout
    assert (found.feature("fresh:n")["waived"], found.feature("fresh:n")["notes"]) == ({}, [])


def test_rates_by_the_time_of_events_count_those_that_match_too(project: Project) -> None:
    found = checked(project)
    query = f"from event_times where run_id = '{found.result['run_id']}' order by feature, moment"
    steps = [(each["feature"], NOON - each["moment"], each["compared"], each["skewed"]) for each in project.rows(query)]
    assert steps == [
        (feature, hours(back), compared, skewed)
        for feature in ("stats:city", "stats:trips")
        for back, compared, skewed in ((30, 3, 3), (6, 17, 0))
    ]
    assert {each["step"].nanoseconds for each in project.rows(query)} == {6 * 3600 * 10**9}


def test_who_answers_for_it_is_data_in_every_form(project: Project, tmp_path: Path) -> None:
    files = {form: tmp_path / f"out.{form}" for form in ("html", "junit", "sarif", "markdown")}
    words = tuple(word for form, file in files.items() for word in (f"--{form}", str(file)))
    found = checked(project, waiver(max_rate="20%"), waiver(feature="fresh:n", cause="precision"), words=words)
    _, held, unused = found.result["waivers"]
    assert held == {
        "run_id": found.result["run_id"], "feature": "stats:trips", "pattern": "stats:*", "cause": "ttl_not_enforced",
        "reason": "served until the purge job is live", "owner": "drivers team", "expires": "2999-12-31",
        "max_rate": 0.2, "standing": "holds", "cells": 3,
    }  # fmt: skip
    assert (unused["feature"], unused["pattern"], unused["standing"]) == (None, "fresh:n", "unused")
    query = f"select owner, standing, expires from waivers where run_id = '{found.result['run_id']}' and cells > 0"
    assert [(each["owner"], each["standing"], str(each["expires"])) for each in project.rows(query)] == [
        ("drivers team", "holds", "2999-12-31")
    ] * 2
    texts = {form: file.read_text() for form, file in files.items()}
    for form, text in texts.items():
        for said in ("served until the purge job is live", "drivers team", "2999-12-31"):
            assert said in text, form
    assert '<testcase classname="skewguard.waivers" name="the waiver of precision for fresh:n">' in texts["junit"]
    results = json.loads(texts["sarif"])["runs"][0]["results"]
    assert {(each["ruleId"], "suppressions" in each) for each in results} == {
        ("ttl_not_enforced", True), ("unused_waiver", False),
    }  # fmt: skip
    assert "**unused** `precision` for `fresh:n`" in texts["markdown"]
    assert "**holds** `ttl_not_enforced` for `stats:*`: 6 cells of 2 features; `drivers team`" in texts["markdown"]


@pytest.mark.parametrize("words", [(), ("--max-skew-rate", "50%", "--allow", "ttl_not_enforced")])
def test_an_expired_waiver_fails_and_says_so(project: Project, words: tuple[str, ...]) -> None:
    found = checked(project, waiver(expires="2001-05-01"), words=words)
    assert found.exit_code == 1
    entry = found.feature("stats:trips")
    assert (entry["verdict"], entry["skewed"], entry["waived"]) == ("fail", 3, {})
    assert any("expired after 2001-05-01: 3 of 20" in each for each in entry["notes"])
    assert "expired after 2001-05-01" in " ".join(found.stdout.split())
    assert found.feature("fresh:n")["verdict"] == "pass"


@pytest.mark.parametrize(("cap", "code"), [("15%", 0), (0.149, 1)])
def test_a_waiver_over_its_cap_fails_and_says_so(project: Project, cap: object, code: int) -> None:
    found = checked(project, waiver(max_rate=cap), words=("--max-skew-rate", "0.2"))
    assert found.exit_code == code
    entry = found.feature("stats:city")
    assert entry["verdict"] == ("fail" if code else "pass")
    assert any("over its cap" in each for each in entry["notes"]) == bool(code)


def test_an_unused_waiver_fails_the_run_and_is_named(project: Project) -> None:
    found = checked(project, waiver(), waiver(feature="fresh:n", cause="precision"))
    assert (found.exit_code, found.result["verdict"]) == (1, "fail")
    assert [each["verdict"] for each in found.result["features"]] == ["pass"] * 3
    (note,) = (each for each in found.result["notes"] if "waiver" in each)
    assert "the waiver of precision for 'fresh:n' is unused" in note
    assert "0 of" not in found.stdout.splitlines()[-4]
    assert "a waiver that nothing needs fails the run" in found.stdout


def test_what_was_not_looked_for_is_not_unused(project: Project) -> None:
    partial = checked(project, waiver(feature="*", cause="precision"), words=("--feature", "fresh"))
    assert partial.exit_code == 0, "not every feature of the pattern was compared"
    deployed = checked(project, waiver(), waiver(feature="fresh:n", cause="late_arrival"))
    assert deployed.exit_code == 0, "a sandbox cannot show what only a deployment does"


def test_the_most_exact_waiver_counts(project: Project) -> None:
    found = checked(project, waiver(), waiver(feature="stats:trips", cause="*", expires="2001-05-01"))
    assert found.feature("stats:trips")["verdict"] == "fail"
    assert found.feature("stats:city")["verdict"] == "pass"


def test_a_waiver_in_the_shade_of_another_is_told_so(project: Project) -> None:
    found = checked(project, waiver(owner="before"), waiver(owner="after"))
    assert (found.exit_code, {each["owner"] for each in found.result["waivers"][:2]}) == (1, {"after"})
    (note,) = (each for each in found.result["notes"] if "is unused" in each)
    assert "another waiver" in note and "no such skew" not in note


def test_waivers_beside_a_baseline_and_an_allowance(project: Project) -> None:
    first = checked(project)
    baseline = ("--baseline", first.result["run_id"])
    assert checked(project, waiver(), words=baseline).exit_code == 0, "what the baseline had still uses the waiver"
    late = checked(project, waiver(expires="2001-05-01"), words=baseline)
    assert (late.exit_code, late.feature("stats:trips")["waived"]) == (0, {"baseline": 3})
    both = checked(project, waiver(max_rate=0.5), words=("--allow", "ttl_not_enforced=0.01"))
    assert both.exit_code == 0, both.stdout
    assert not any("allowed: all count" in each for each in both.feature("stats:trips")["notes"])


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"reason": None}, "`reason` is missing"),
        ({"owner": None, "expires": None}, "`owner`, `expires` is missing"),
        ({"cause": None}, "`cause` is missing"),
        ({"owner": " "}, "some text is needed"),
        ({"expires": "soon"}, "a date such as 2026-12-31 is needed"),
        ({"expires": 2026}, "a date such as 2026-12-31 is needed"),
        ({"max_rate": 1.5}, "a share from 0 to 1"),
        ({"cause": "ttl_not_enforcd"}, "near it: ttl_not_enforced"),
        ({"feature": "stats"}, '"stats:*" for all of a view'),
        ({"until": "2999-01-01"}, "`until` is not a key of this table"),
    ],
)
def test_a_waiver_that_says_too_little_is_refused(project: Project, changed: dict[str, object], says: str) -> None:
    found = checked(project, waiver(**changed))
    assert found.exit_code == 2
    assert says in " ".join(found.stderr.split())
    assert "pyproject.toml" in found.stderr


def test_a_pattern_without_a_feature_is_noted(project: Project) -> None:
    found = checked(project, waiver(), waiver(feature="stats:gone"))
    assert found.exit_code == 0
    assert any("matches no feature of this repo" in each for each in found.result["notes"])


def test_waivers_must_be_tables(project: Project) -> None:
    (Path(project.folder) / "pyproject.toml").write_text("[tool.skewguard]\nwaivers = 'none'\n", encoding="utf-8")
    found = project.check(*AT_NOON)
    assert found.exit_code == 2
    assert "[[tool.skewguard.waivers]]" in found.stderr
