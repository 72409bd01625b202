"""`skewguard check` on the flights example: clean as committed and as deployed, red when one online value changes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from building import run
from feast import FeatureStore
from feasting import alone

pytestmark = [pytest.mark.feast, pytest.mark.slow]

CELLS = {  # rows and features of each view; of on-demand views over several keys, as many rows as the fewest keys
    "carrier_delays": (16, 11),
    "origin_delays": (3, 10),
    "route_delays": (223, 10),
    "origin_weather": (3, 10),
    "tail_history": (1000, 7),
    "plane_registry": (1000, 5),
    "aircraft_readiness": (1000, 3),
    "delay_share": (16, 3),
    "departure_context": (3, 4),
    "wind_exposure": (3, 4),
    "route_outlook": (3, 2),
}

NOT_BUILT = "the view's table is missing or outdated"


def checked(project: Path, *words: str, fresh: bool = False) -> tuple[int, dict[str, Any]]:
    """`skewguard check` with this project's own transforms, and not the checkout's, importable."""
    written = project / "result.json"
    words = ("--json", str(written), "--db", str(project / "ledger.duckdb"), *words)
    if fresh:
        ran = run("check", "feature_repo", *words, cwd=project, env={"PYTHONPATH": str(project)})
    else:
        with alone(project / "feature_repo", project):
            ran = run("check", "feature_repo", *words, cwd=project)
    assert written.exists(), ran.stderr
    return ran.exit_code, json.loads(written.read_text())


def assert_clean(exit_code: int, result: dict[str, Any]) -> None:
    assert (exit_code, result["verdict"], result["skipped"], result["errors"]) == (0, "pass", [], [])
    for view, (rows, features) in CELLS.items():
        mine = [each for each in result["features"] if each["feature_view"] == view]
        assert len(mine) == features, view
        for each in mine:
            assert (each["requested"], each["matched"]) == (rows, rows), each["feature"]
            assert [note for note in each["notes"] if NOT_BUILT not in note] == [], each
    assert len(result["features"]) == sum(features for _, features in CELLS.values())


def test_as_committed_it_is_clean_and_nothing_is_left_behind(flights_copy: Path) -> None:
    before = sorted(flights_copy.rglob("*"))
    exit_code, result = checked(flights_copy, fresh=True)
    assert_clean(exit_code, result)
    assert result["mode"] == "sandbox" and result["project"] == "flights"
    noted = {each["feature_view"] for each in result["features"] if any(NOT_BUILT in note for note in each["notes"])}
    assert noted >= {"carrier_delays", "origin_delays", "route_delays", "origin_weather", "tail_history"}
    added = set(flights_copy.rglob("*")) - set(before)
    assert {each.name for each in added if "__pycache__" not in each.parts} == {"result.json", "ledger.duckdb"}


def test_as_deployed_it_is_clean_too(deployed_flights: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(deployed_flights, project)
    exit_code, result = checked(project, "--live")
    assert_clean(exit_code, result)
    assert result["mode"] == "live" and not any(each["notes"] for each in result["features"])


def test_one_value_changed_in_the_online_store_is_one_cell(deployed_flights: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(deployed_flights, project)
    store = FeatureStore(str(project / "feature_repo"))
    served = pd.read_parquet(deployed_flights / "feature_repo" / "data" / "built" / "carrier_delays.parquet")
    row = served[served["carrier"] == "UA"].sort_values("observed_at").tail(1)
    row = row.assign(carrier_mean_dep_delay_7d=row["carrier_mean_dep_delay_7d"] + 0.001)
    store.write_to_online_store("carrier_delays", row)
    exit_code, result = checked(project, "--live", "--feature", "carrier_delays", "--feature", "tail_history")
    skewed = {each["feature"]: each["mismatched"] for each in result["features"] if each["skewed"]}
    assert (exit_code, result["verdict"]) == (1, "fail")
    assert skewed == {"carrier_delays:carrier_mean_dep_delay_7d": 1}
