"""`skewguard report`: a stored run rendered again is, in every form, what its check wrote, byte for byte."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from building import NOON, Project, hours, run
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from skewguard.cli.forms import FORMS

DEFINITIONS = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)

def view(name, feature, **facts):
    return FeatureView(
        name=name, entities=[driver], schema=[Field(name=feature, dtype=Float64)],
        source=FileSource(path=HERE + f"/{name}.parquet", timestamp_field="at"), **facts,
    )

fine = view("fine", "rate", ttl=timedelta(0), owner="ops <ops@example.org>")
expired = view("it's <late> | `x`", "]]> & \\u00fc", ttl=timedelta(hours=2))
lost = view("lost", "rate", ttl=timedelta(0))

@on_demand_feature_view(sources=[fine], schema=[Field(name="logged", dtype=Float64)])
def derived(inputs: pd.DataFrame) -> pd.DataFrame:
    import numpy as np
    return pd.DataFrame({"logged": np.log1p(inputs["rate"])})

scoring = FeatureService(name="scoring", features=[fine, expired, derived])
"""


@dataclass(frozen=True, kw_only=True)
class Made:
    """One run, and what was written when it was made: the text, and the other forms."""

    run_id: str
    text: str
    files: dict[str, str]
    folder: Path


def rendered(folder: Path, *words: str) -> tuple[int, str, dict[str, str]]:
    """What a command says, and the forms that it writes, all of them at once."""
    options = [word for name in FORMS for word in (f"--{name}", f"out.{name}")]
    ran = run(*words, *options, cwd=folder)
    assert "defect" not in ran.stderr
    return ran.exit_code, ran.stdout, {name: (folder / f"out.{name}").read_text(encoding="utf-8") for name in FORMS}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(folder=tmp_path_factory.mktemp("again") / "repo")
    keys = list(range(1, 9))
    rates = [None if key == 3 else key / 7 for key in keys]
    for name in ("fine", "lost"):
        project.source(name, {"driver_id": keys, "at": [NOON - hours(1)] * 8, "rate": rates})
    (project.folder / "lost.parquet").unlink()
    ages = [NOON - hours(key) for key in keys]
    project.source("it's <late> | `x`", {"driver_id": keys, "at": ages, "]]> & \u00fc": [key / 3 for key in keys]})
    project.define(DEFINITIONS)
    (project.folder / "offline.csv").write_text("k,v,w\n1,1.5,a\n2,2.5,<b>\n3,,c\n", encoding="utf-8")
    (project.folder / "online.csv").write_text("k,v,w\n1,1.5,a\n2,2.75,b\n4,4.5,d\n", encoding="utf-8")
    return project


RUNS = {
    "clean": (0, ("check", ".", "--feature", "fine", "--as-of", "2026-03-01T14:00:00+02:00")),
    "replayed": (0, ("check", ".", "--feature", "fine", "--replay", "2")),
    "failing": (1, ("check", ".", "--service", "scoring")),
    "errors": (1, ("check", ".", "--sample", "5", "--seed", "3")),
    "only errors": (2, ("check", ".", "--feature", "lost")),
    "allowed": (0, ("check", ".", "--exclude", "lost", "--allow", "ttl_not_enforced", "--allow", "null_handling")),
    "allowed too much": (1, ("check", ".", "--exclude", "lost", "--allow", "ttl_not_enforced=1%")),
    "diff": (1, ("diff", "offline.csv", "online.csv", "--key", "k")),
    "diff let be": (0, ("diff", "offline.csv", "online.csv", "--key", "k", "--exit-zero", "--max-skew-rate", "0.9")),
}


@pytest.fixture(scope="module")
def made(project: Project) -> dict[str, Made]:
    """All runs, in one ledger, before any is read back."""
    found = {}
    for name, (exit_code, words) in RUNS.items():
        code, text, files = rendered(project.folder, *words)
        assert code == exit_code, (name, text)
        result = json.loads(files["json"])
        assert result["exit_code"] == exit_code
        found[name] = Made(run_id=result["run_id"], text=text, files=files, folder=project.folder)
    return found


@pytest.mark.parametrize("name", RUNS)
def test_a_stored_run_is_rendered_as_when_it_was_made(made: dict[str, Made], name: str) -> None:
    before = made[name]
    code, text, files = rendered(before.folder, "report", before.run_id)
    assert code == 0, "what the run found is no fault of the report"
    for form in FORMS:
        assert files[form] == before.files[form], form
    assert text == before.text


def test_the_runs_differ_in_what_a_report_shows(made: dict[str, Made]) -> None:
    results = {name: json.loads(each.files["json"]) for name, each in made.items()}
    assert {result["verdict"] for result in results.values()} == {"pass", "fail", "error"}
    assert results["errors"]["errors"]
    assert any(each["waived"] for each in results["allowed"]["features"])
    assert any(each["serving_errors"] for each in results["failing"]["features"])
    assert "ttl_not_enforced" in made["failing"].text


def test_findings_stand_where_their_views_are_defined(made: dict[str, Made], project: Project) -> None:
    code = (project.folder / "definitions.py").read_text(encoding="utf-8").splitlines()
    (run_of,) = json.loads(made["errors"].files["sarif"])["runs"]
    found = {}
    for result in run_of["results"]:
        where = result["locations"][0]["physicalLocation"]
        assert where["artifactLocation"] == {"uri": "definitions.py", "uriBaseId": "%SRCROOT%"}
        found[result["properties"]["feature"], result["ruleId"]] = code[where["region"]["startLine"] - 1]
    assert found["it's <late> | `x`:]]> & \u00fc", "ttl_not_enforced"].startswith("expired = view(")
    assert found["derived:logged", "null_handling"].startswith("@on_demand_feature_view(")
    assert found["lost", "could_not_compare"].startswith("lost = view(")


def test_findings_of_a_diff_stand_in_the_offline_table(made: dict[str, Made]) -> None:
    (run_of,) = json.loads(made["diff"].files["sarif"])["runs"]
    places = [each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in run_of["results"]]
    assert set(places) == {"offline.csv"}


def test_latency_is_measured_per_view(made: dict[str, Made]) -> None:
    counted = {}
    for family in text_string_to_metric_families(made["failing"].files["metrics"]):
        for sample in family.samples:
            if sample.name == "skewguard_online_request_seconds_count":
                counted[sample.labels["view"], sample.labels["service"]] = sample.value
            elif sample.name == "skewguard_online_request_seconds":
                assert 0 < sample.value < 60
    # 8 rows: one request for a view; for the on-demand view one each, of which the one that raised was not answered
    assert counted == {("fine", "scoring"): 1, ("derived", "scoring"): 7, ("it's <late> | `x`", "scoring"): 1}


def test_the_newest_run_is_meant_and_text_is_for_people(made: dict[str, Made], project: Project) -> None:
    ran = run("report", cwd=project.folder)
    assert (ran.exit_code, ran.stdout) == (0, made["diff let be"].text)
    ran = run("report", "latest~1", "-q", cwd=project.folder)
    assert ran.stdout == "FAIL  2 of 2 features differ by more than their budget. (exit code 1)\n"


@pytest.mark.parametrize("form", FORMS)
def test_a_form_on_standard_output_is_alone_there(made: dict[str, Made], project: Project, form: str) -> None:
    ran = run("report", made["failing"].run_id[:-1], f"--{form}", "-", cwd=project.folder)
    assert (ran.exit_code, ran.stdout) == (0, made["failing"].files[form])
    assert "FAIL" in ran.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("20990101",), "names no run"),
        (("latest", "--db", "no.duckdb"), "no.duckdb"),
        (("latest", "--json", "-", "--json", "no/such/x.json"), "its folder does not exist"),
    ],
)
def test_what_cannot_be_rendered_exits_2(
    made: dict[str, Made], project: Project, words: tuple[str, ...], said: str
) -> None:
    ran = run("report", *words, cwd=project.folder)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert ran.stderr.startswith("Error: ")
