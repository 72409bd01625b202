"""`skewguard check` as a shell runs it: what goes to which stream, Feast's switches, and being interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from building import NOON, Project, hours, run

CHATTY = """
import subprocess, sys, warnings, logging
print("chatter of the repo")
print("complaint of the repo", file=sys.stderr)
warnings.warn("warning of the repo")
logging.getLogger("repo").warning("log of the repo")
subprocess.run([sys.executable, "-c", "print('chatter of a child')"])
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
stats = FeatureView(
    name="stats", entities=[driver], ttl=timedelta(0), schema=[Field(name="trips", dtype=Int64)],
    source=FileSource(path=HERE + "/stats.parquet", timestamp_field="at"),
)
"""


@pytest.fixture(scope="module")
def chatty(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(folder=tmp_path_factory.mktemp("chatty") / "repo")
    project.source("stats", {"driver_id": [1, 2, 3], "at": [NOON - hours(1)] * 3, "trips": [10, 20, 30]})
    project.define(CHATTY)
    return project


@pytest.fixture
def private_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder of this test's own, to see what a check leaves in it."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder


def test_standard_output_is_json_alone_and_chatter_is_quiet(chatty: Project, private_tmp: Path) -> None:
    ran = run("check", str(chatty.folder), "--json", "-", "--db", "kept.duckdb", cwd=chatty.folder.parent)
    result = json.loads(ran.stdout)
    assert (ran.exit_code, result["verdict"], result["exit_code"]) == (0, "pass", 0)
    assert (result["command"], result["mode"], result["project"]) == ("check", "sandbox", "shop")
    assert result["ledger"] == str(chatty.folder.parent / "kept.duckdb")
    assert "of the repo" not in ran.stderr
    assert "of a child" not in ran.stderr
    assert "] load\n" in ran.stderr, "progress in plain lines"
    assert "0 of 3 rows differ: at 95 % confidence fewer than" in " ".join(ran.stderr.split())
    assert "Checked in a sandbox: this proves the definitions, not the deployment." in ran.stderr
    assert not list(private_tmp.iterdir())


def test_feasts_switches_hold(chatty: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "other.yaml"
    text = (chatty.folder / "feature_store.yaml").read_text(encoding="utf-8")
    elsewhere.write_text(text.replace("project: shop", "project: ${WHICH}"), encoding="utf-8")
    words = ("-c", str(chatty.folder), "check", "-f", "other.yaml", "-q", "--json", "out.json")
    ran = run(*words, cwd=tmp_path, env={"WHICH": "annex"})
    assert ran.exit_code == 0, ran.stderr
    assert (ran.stdout.count("\n"), ran.stderr) == (1, "")
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["project"] == "annex"
    assert (tmp_path / "skewguard.duckdb").exists()
    environment = {"FEATURE_REPO_DIR_ENV_VAR": str(chatty.folder), "FEAST_FS_YAML_FILE_PATH": str(elsewhere)}
    ran = run("check", "--json", "-", "--seed", "7", cwd=tmp_path, env={"WHICH": "wing", **environment})
    assert json.loads(ran.stdout)["project"] == "wing"
    assert json.loads(ran.stdout)["sample"] == {"rows": 1000, "seed": 7}


def test_an_interrupt_exits_130_and_leaves_nothing(chatty: Project, private_tmp: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "skewguard", "check", str(chatty.folder), "--db", str(tmp_path / "x.duckdb")]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
    assert process.stderr is not None
    for line in process.stderr:
        if "] slice" in line:
            break
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 130
    assert rest.endswith("Interrupted.\n")
    assert "Traceback" not in rest
    assert not list(private_tmp.iterdir())
    assert not (tmp_path / "x.duckdb").exists()


def test_the_python_call_gives_what_the_command_gives(chatty: Project, tmp_path: Path) -> None:
    program = (
        "import skewguard, sys\n"
        f"result = skewguard.check({str(chatty.folder)!r}, sample=2, as_of='2026-03-01T12:00:00', db='here.duckdb')\n"
        "assert result.exit_code == 0, result\n"
        "assert result.verdict == 'pass'\n"
        "assert result.features[0].compared == 2\n"
        "assert result.to_arrow('entity_rows').num_rows == 2\n"
        "print('SAID', result.sql('select max(compared) as cells from latest_features').to_pylist())"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "SAID [{'cells': 2}]" in ran.stdout
