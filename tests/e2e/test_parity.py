"""`skewguard parity` from the command line and from Python, in its real processes: modules, repos, bad input."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import duckdb
import psutil
import pytest
from building import NOON, Project, hours, run
from parity_subjects import VIEWS

import skewguard
from skewguard.errors import SkewguardError
from skewguard.model import Law, LawVerdict
from skewguard.pipeline.parity import parity
from skewguard.pipeline.parity_options import parity_options
from skewguard.pipeline.parity_process import Limits

pytestmark = pytest.mark.feast

MODULE = """
import time
from datetime import timedelta

import pandas as pd

from skewguard import Feature, batch_features, on_demand_features

Y = [Feature("y", "float64")]


@on_demand_features(inputs={"x": "float64"}, features=Y)
def sound(inputs):
    return pd.DataFrame({"y": inputs["x"] * 2})


@on_demand_features(inputs={"x": "float64"}, features=Y)
def centred(inputs):
    return pd.DataFrame({"y": inputs["x"] - inputs["x"].mean()})


@on_demand_features(inputs={"s": "string"}, features=Y)
def hashed(inputs):
    return pd.DataFrame({"y": [None if s is None else float(hash(s) % 1000) for s in inputs["s"]]})


@on_demand_features(inputs={"x": "float64"}, features=Y)
def hanging(inputs):
    while inputs["x"].isna().any():
        time.sleep(0.01)
    return pd.DataFrame({"y": inputs["x"]})


@on_demand_features(inputs={"x": "float64"}, features=Y)
def leaving(inputs):
    import os
    os._exit(7)


@batch_features(entity=["key"], timestamp="at", lookback=timedelta(days=1), features=[Feature("total", "float64")])
def waiting(events: pd.DataFrame) -> pd.DataFrame:
    while len(events) > 6:
        time.sleep(0.01)
    events = events.sort_values("at", kind="stable").drop_duplicates(["key", "at"], keep="last")
    return pd.DataFrame({"key": events["key"], "at": events["at"], "total": events["x"].astype("float64")})
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("parity")
    (place / "shapes.py").write_text(MODULE)
    return place


def test_laws_are_broken_held_and_kept(folder: Path) -> None:
    words = ("--transform", "shapes.sound", "--transform", "shapes.centred", "--transform", "shapes.hashed")
    laws = ("--law", "batch_invariant", "--law", "deterministic", "--law", "no_lookahead")
    ran = run("parity", "shapes", *words, *laws, "--examples", "12", "--json", "r.json", cwd=folder)
    assert ran.exit_code == 1, ran.stderr
    result = json.loads((folder / "r.json").read_text())
    assert (result["command"], result["mode"], result["verdict"]) == ("parity", "transforms", "fail")
    assert "features" not in result and len(result["laws"]) == 9
    found = {(each["transform"], each["law"]): each for each in result["laws"]}
    broken = {key for key, each in found.items() if each["verdict"] == "broken"}
    assert broken == {("shapes.centred", "batch_invariant"), ("shapes.hashed", "deterministic")}
    held = found["shapes.sound", "batch_invariant"]
    assert held["verdict"] == "held" and 0 < held["examples"] <= 12
    assert found["shapes.sound", "no_lookahead"]["verdict"] == "not_applicable"
    assert "another hash seed" in found["shapes.hashed", "deterministic"]["message"]
    assert "row 1 alone gives 0.0; among 2 rows gives -0.5" in ran.stdout
    with duckdb.connect(folder / "skewguard.duckdb", read_only=True) as ledger:
        rows = ledger.sql(
            "select counterexample->>'$.test', message from laws where law = 'batch_invariant' and verdict = 'broken'"
        ).fetchall()
    assert len(rows) == 1 and "def test_centred_batch_invariant" in rows[0][0]


def test_a_pasted_test_fails_and_then_passes(folder: Path, tmp_path: Path) -> None:
    (folder / "pasted_shapes.py").write_text(MODULE)
    asked = {"transform": "pasted_shapes.centred", "law": "batch_invariant", "db": tmp_path / "ledger.duckdb"}
    (broken,) = skewguard.parity(folder / "pasted_shapes.py", **asked).laws
    assert broken.counterexample is not None
    namespace: dict[str, object] = {}
    exec(broken.counterexample["test"], namespace)
    test = namespace["test_centred_batch_invariant"]
    assert callable(test)
    with pytest.raises(AssertionError, match="row 1 alone gives 0.0; among 2 rows gives -0.5"):
        test(tmp_path)
    (folder / "pasted_shapes.py").write_text(MODULE.replace('inputs["x"].mean()', "1.0"))
    test(tmp_path)


def test_what_hangs_or_ends_its_process_is_named_and_the_run_goes_on(folder: Path, tmp_path: Path) -> None:
    options = parity_options(
        "shapes", here=folder, transform=["shapes.hanging", "shapes.leaving", "shapes.sound", "shapes.waiting"],
        law=["batch_invariant", "schema_kept", "timezone_free"], examples=8, db=tmp_path / "ledger.duckdb",
    )  # fmt: skip
    outcome = parity(options, limits=Limits(call=2.0))
    found = {(each.transform, each.law): each for each in outcome.laws}
    hung = found["shapes.hanging", Law.SCHEMA_KEPT]
    assert hung.verdict is LawVerdict.BROKEN and "did not answer within 2 s" in hung.message
    assert hung.counterexample is not None and hung.counterexample["rows"] == [{"x": None}]
    left = found["shapes.leaving", Law.SCHEMA_KEPT]
    assert left.verdict is LawVerdict.BROKEN and "exit code 7" in left.message
    assert found["shapes.sound", Law.SCHEMA_KEPT].verdict is LawVerdict.HELD
    waiting = found["shapes.waiting", Law.SCHEMA_KEPT]
    assert waiting.verdict is LawVerdict.BROKEN and "did not answer within 2 s" in waiting.message
    assert waiting.counterexample is not None and len(waiting.counterexample["events"]["events"]) > 6
    assert "def test_waiting_schema_kept(" in waiting.counterexample["test"]
    assert "see schema_kept" in found["shapes.waiting", Law.TIMEZONE_FREE].message
    assert outcome.exit_code == 1


def test_a_repo_as_it_stands(tmp_path: Path) -> None:
    project = Project(folder=tmp_path / "repo")
    times = [NOON - hours(each) for each in range(3)]
    project.source("stats", {"driver_id": [1, 2, 3], "x": [0.5, None, 7.25], "n": [3, 4, 5], "at": times})
    project.define(VIEWS)
    before = sorted(each.name for each in project.folder.iterdir())
    ran = run("parity", "repo", "--law", "null_parity", "--law", "rehydrates", "--json", "-", cwd=tmp_path)
    assert ran.exit_code == 1
    result = json.loads(ran.stdout)
    broken = {(each["transform"], each["law"]) for each in result["laws"] if each["verdict"] == "broken"}
    assert broken == {("magnitude", "null_parity"), ("typed", "null_parity"), ("lost_global", "rehydrates")}
    assert "NameError" in next(
        each["message"] for each in result["laws"] if each["transform"] == "lost_global" and each["law"] == "rehydrates"
    )
    assert sorted(each.name for each in project.folder.iterdir()) == before


SECRETIVE = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
file = FileSource(name="stats", path=HERE + "/stats.parquet", timestamp_field="at")
stats = FeatureView(name="stats", entities=[driver], schema=[Field(name="x", dtype=Float64)], source=file)
@on_demand_feature_view(sources=[stats], schema=[Field(name="y", dtype=Float64)])
def fussy(inputs):
    if (inputs["x"] * 4 == 2925).any():  # as a constant it would be tried, redacted or not
        raise ValueError("not this one")
    return pd.DataFrame({"y": inputs["x"].astype("float64")})
"""


def test_where_values_are_redacted_no_row_of_a_source_is_shown(tmp_path: Path) -> None:
    project = Project(folder=tmp_path / "repo")
    project.source("stats", {"driver_id": [1, 2], "x": [731.25, 731.25], "at": [NOON, NOON]})
    project.define(SECRETIVE)
    asked = ("parity", "repo", "--law", "schema_kept", "--json", "-")
    shown = run(*asked, cwd=tmp_path)
    assert shown.exit_code == 1 and "731.25" in shown.stdout, shown.stderr
    (tmp_path / "pyproject.toml").write_text("[tool.skewguard]\nredact = true\n")
    hidden = run(*asked, cwd=tmp_path)
    assert hidden.exit_code == 0 and "731.25" not in hidden.stdout, hidden.stderr
    assert "generated rows alone" in hidden.stdout


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("nowhere.at_all", "There is no module, package, file or Feast repo 'nowhere.at_all'; looked in"),
        ("empty.py", "holds no transform. Looked in empty.py."),
        ("broken.py", "The module broken does not import: ZeroDivisionError: division by zero at broken.py, line 3"),
        ("needy.py", "Install what holds not_there_at_all"),
    ],
)
def test_what_cannot_be_tested_says_where_it_looked(tmp_path: Path, target: str, said: str) -> None:
    (tmp_path / "empty.py").write_text("X = 1\n")
    (tmp_path / "broken.py").write_text("def f():\n    return 1\nX = 1 / 0\n")
    (tmp_path / "needy.py").write_text("import not_there_at_all\n")
    ran = run("parity", target, "--law", "schema_kept", cwd=tmp_path)
    assert ran.exit_code == 2 and said in ran.stderr, ran.stderr
    assert not (tmp_path / "skewguard.duckdb").exists()


def test_options_that_cannot_be_meant(folder: Path) -> None:
    ran = run("parity", "shapes", "--law", "null_party", cwd=folder)
    assert ran.exit_code == 2 and "null_parity" in ran.stderr
    with pytest.raises(SkewguardError, match="lack its inputs x"):
        skewguard.parity(folder / "shapes.py", transform="shapes.sound", law="schema_kept", rows=[{"z": 1}])
    assert "shapes" not in sys.modules


def test_a_worker_ends_after_its_parent(folder: Path) -> None:
    program = (
        "import os, sys\nfrom skewguard.pipeline.parity_process import Process, Role\n"
        "process = Process(Role.LOADED)\nprint(process._popen.pid, flush=True)\n"
        "os.dup(process._popen.stdin.fileno())\nos._exit(0)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    number, deadline = int(ran.stdout), time.monotonic() + 20
    with suppress(psutil.NoSuchProcess):
        while psutil.Process(number).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline, "the worker outlives its parent"
            time.sleep(0.2)
