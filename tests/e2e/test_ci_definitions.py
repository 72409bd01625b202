"""The definitions for CI systems and the examples in docs/ci.md: parsed, held to each other, and their commands run."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from building import NOON, Checked, Project, hours, run
from prometheus_client.openmetrics.parser import text_string_to_metric_families

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
DEFINITIONS = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
stats = FeatureView(
    name="stats", entities=[driver], ttl=timedelta(hours=2), schema=[Field(name="trips", dtype=Int64)],
    source=FileSource(path=HERE + "/stats.parquet", timestamp_field="at"),
)
"""


def loaded(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


@cache
def examples() -> tuple[tuple[str, dict[Any, Any]], ...]:
    """The YAML examples of the page: the file that each is, and what it says."""
    blocks = re.findall(r"```yaml\n# (\S+)\n(.*?)```", DOCS, re.DOTALL)
    assert len(blocks) == DOCS.count("```yaml") == 5
    return tuple((name, yaml.safe_load(text)) for name, text in blocks)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with a Feast repo, `feature_repo`, one feature of which is skewed for 4 of 8 rows."""
    folder = tmp_path_factory.mktemp("checkout")
    project = Project(folder=folder / "feature_repo")
    keys = list(range(1, 9))
    ages = [NOON - hours(1 if key <= 4 else 5) for key in keys]
    ages[0] = NOON
    project.source("stats", {"driver_id": keys, "at": ages, "trips": keys})
    project.define(DEFINITIONS)
    subprocess.run(["git", "init", "-q", "."], cwd=folder, check=True)
    return folder


def bash(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def filled(value: str, inputs: dict[str, str]) -> str:
    """What GitHub puts in the place of its expressions."""
    said = re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: inputs[found[1]], value)
    assert "${{" not in said
    return said


def test_the_action_checks_and_leaves_every_form(workspace: Path, tmp_path: Path) -> None:
    action = loaded("action.yml")
    install, check = action["runs"]["steps"]
    assert install["run"].endswith('"$ACTION"')
    assert install["env"] == {"ACTION": "${{ github.action_path }}"}
    hostile = "--sample 1000 * $(touch stolen) ;touch stolen"
    inputs = {name: each["default"] for name, each in action["inputs"].items()} | {"repo": "feature_repo"}
    told = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    environment = {name: filled(value, inputs) for name, value in check["env"].items()}
    ran = bash(check["run"], workspace, **environment, **told, GITHUB_ACTIONS="true")
    assert ran.returncode == 1, ran.stderr
    results = workspace / inputs["results"]
    assert {each.suffix for each in results.iterdir()} == {".json", ".html", ".xml", ".sarif", ".md", ".prom"}
    assert json.loads((results / "skewguard.json").read_text())["features"][0]["skewed"] == 4
    (tracked,) = json.loads((results / "skewguard.sarif").read_text())["runs"][0]["results"]
    where = tracked["locations"][0]["physicalLocation"]
    assert where["artifactLocation"]["uri"] == "feature_repo/definitions.py", "relative to the checkout"
    (note,) = [line for line in ran.stdout.splitlines() if line.startswith("::")]
    assert note.startswith(f"::error file=feature_repo/definitions.py,line={where['region']['startLine']},title=")
    assert (tmp_path / "summary.md").read_text().strip() == (results / "skewguard.md").read_text().strip()
    given = dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())
    outputs = {f"${{{{ steps.check.outputs.{name} }}}}" for name in given}
    assert {each["value"] for each in action["outputs"].values()} == outputs
    assert all((workspace / file).is_file() for file in given.values())
    refused = bash(check["run"], workspace, **{**environment, "OPTIONS": hostile}, **told)
    assert refused.returncode == 2
    assert not (workspace / "stolen").exists()


def test_the_gitlab_job_checks_and_keeps_what_it_names(workspace: Path) -> None:
    job = loaded("ci/skewguard.gitlab-ci.yml")[".skewguard"]
    ((_, example),) = [each for each in examples() if each[0] == ".gitlab-ci.yml"]
    assert example["skewguard"]["extends"] == ".skewguard"
    assert [each["local"] for each in example["include"]] == ["ci/skewguard.gitlab-ci.yml"]
    variables = {**job["variables"], **example["skewguard"]["variables"]}
    assert variables.keys() == job["variables"].keys(), "the example sets what the job reads"
    ran = bash("\n".join(job["script"]), workspace, **variables)
    assert ran.returncode == 1, ran.stderr
    for file in (*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()):
        assert (workspace / file).is_file(), file
    assert 'failures="1"' in (workspace / "skewguard.xml").read_text()


def skewguard(command: str, folder: Path) -> Checked:
    program, *words = shlex.split(command)
    assert program == "skewguard"
    return run(*words, cwd=folder)


def test_the_hook_checks(workspace: Path) -> None:
    (hook,) = loaded(".pre-commit-hooks.yaml")
    ((_, example),) = [each for each in examples() if each[0] == ".pre-commit-config.yaml"]
    (used,) = example["repos"][0]["hooks"]
    assert used["id"] == hook["id"]
    assert set(used["stages"]) <= set(hook["stages"])
    assert not hook["pass_filenames"]
    assert re.search(hook["files"], "feature_repo/definitions.py")
    assert not re.search(hook["files"], "notes.md")
    ran = skewguard(shlex.join([*shlex.split(hook["entry"]), *used["args"]]), workspace)
    assert ran.exit_code == 1
    assert ran.stdout.startswith("FAIL  1 of 1 feature")


def test_the_workflows_use_what_there_is(workspace: Path) -> None:
    plain, full = [each for name, each in examples() if name == ".github/workflows/skewguard.yml"]
    commands = [step["run"] for step in plain["jobs"]["check"]["steps"] if "run" in step]
    assert commands.pop(0) == "pip install git+https://github.com/OWNER/skewguard"
    assert [skewguard(command, workspace).exit_code for command in commands] == [1]
    action = loaded("action.yml")
    steps = full["jobs"]["check"]["steps"]
    (step,) = [each for each in steps if each.get("uses", "").startswith("OWNER/skewguard@")]
    assert step["with"].keys() <= action["inputs"].keys()
    (upload,) = [each for each in steps if "upload-sarif" in each.get("uses", "")]
    assert upload["with"]["sarif_file"] == f"${{{{ steps.{step['id']}.outputs.sarif }}}}"
    assert "sarif" in action["outputs"]
    assert full["permissions"]["security-events"] == "write"


def test_the_shell_examples_run(workspace: Path) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", DOCS, re.DOTALL)
    commands = [line for block in reversed(blocks) for line in block.splitlines()]  # check first, then report
    assert len(commands) == 2
    assert [skewguard(command, workspace).exit_code for command in commands] == [0, 0]
    text = (workspace / "skewguard.prom").read_text(encoding="utf-8")
    names = {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}
    documented = set(re.findall(r"`(skewguard_\w+)`", DOCS))
    # absent where nothing lags, and where no law was asked for
    absent = {"skewguard_feature_max_freshness_lag_seconds", "skewguard_law_broken"}
    assert documented - absent <= names
    assert names <= documented | {"skewguard_online_request_seconds_count"}
    ((_, alerts),) = [each for each in examples() if each[0] == "rules.yml"]
    rules = [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    assert {name for rule in rules for name in re.findall(r"skewguard_\w+", rule)} <= names
