"""Contracts beside skew: a feature that is wrong on both sides is a warning, and absence is no broken promise."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from building import NOON, Checked, Project, hours, run
from deploying import Deployed

AT_NOON = ("--as-of", NOON.isoformat())
DRIVERS = list(range(12))
STATS = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
stats = FeatureView(
    name="stats", entities=[driver], ttl=timedelta(hours=24),
    schema=[Field(name="rate", dtype=Float64), Field(name="city", dtype=String), Field(name="trips", dtype=Int64)],
    source=FileSource(name="s", path=HERE + "/stats.parquet", timestamp_field="at"),
)
asked = RequestSource(name="asked", schema=[Field(name="km", dtype=Float64)])

@on_demand_feature_view(sources=[stats], schema=[Field(name="share", dtype=Float64)])
def doubled(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"share": inputs["rate"] * 2})

@on_demand_feature_view(sources=[stats, asked], schema=[Field(name="per_km", dtype=Float64)])
def distance(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"per_km": inputs["rate"] * 0 + inputs["km"]})
"""


def contracts(**tables: str) -> str:
    return "[tool.skewguard]\n" + "".join(
        f'[tool.skewguard.contracts."{ref}"]\n{body}\n' for ref, body in tables.items()
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Driver 3 has a rate of 1.5, driver 4 no city, driver 5 a city of its own; driver 6 has expired; no skew."""
    made = Project(folder=tmp_path_factory.mktemp("contracts") / "repo")
    made.define(STATS)
    kept = [each for each in DRIVERS if each != 6]
    made.source(
        "stats",
        {
            "driver_id": [*kept, 6],
            "at": [*(NOON - hours(1) for _ in kept), NOON + hours(1)],
            "rate": [1.5 if each == 3 else each / 24 for each in kept] + [9.0],
            "city": [None if each == 4 else "Gone" if each == 5 else "Rome" for each in kept] + [None],
            "trips": [*kept, 6],
        },
    )
    return made


@pytest.fixture(scope="module")
def entities(project: Project) -> Path:
    """All drivers, the one without a row at noon too."""
    path = project.folder / "entities.csv"
    path.write_text("driver_id,km\n" + "".join(f"{each},{each - 0.5}\n" for each in DRIVERS), encoding="utf-8")
    return path


def checked(project: Project, config: str, *words: str) -> Checked:
    (project.folder / "pyproject.toml").write_text(config, encoding="utf-8")
    return project.check(*AT_NOON, *words)


def broken(checked: Checked, ref: str) -> dict[tuple[str, str], tuple[int, int, Any]]:
    findings = checked.feature(ref)["contract"]
    return {(each["rule"], each["side"]): (each["broken"], each["checked"], each["example_value"]) for each in findings}


def test_wrong_on_both_sides_is_a_warning_and_not_green(project: Project, entities: Path) -> None:
    config = contracts(**{"stats:rate": "range = [0, 1]", "stats:city": 'categories = ["Rome"]\nnullable = false'})
    found = checked(project, config, "--entities", str(entities))
    assert (found.exit_code, found.result["verdict"]) == (0, "warn"), found.stdout
    for side in ("source", "offline", "online"):
        assert broken(found, "stats:rate")["range", side] == (1, 11, "1.5")
        assert broken(found, "stats:city")["categories", side] == (1, 10, "Gone")
        assert broken(found, "stats:city")["nullable", side] == (1, 11, None), "driver 6 has no row: that is no null"
    assert [found.feature(ref)["verdict"] for ref in ("stats:rate", "stats:city", "stats:trips")] == [
        "warn", "warn", "pass",
    ]  # fmt: skip
    assert "the contract promises range 0 to 1" in found.stdout
    assert found.feature("stats:trips")["contract"] == []
    assert checked(project, config, "--entities", str(entities), "--strict").exit_code == 1


def test_what_a_check_found_is_in_the_ledger(project: Project) -> None:
    found = checked(project, contracts(**{"stats:rate": "range = [0, 1]"}))
    query = f"select * from contract where run_id = '{found.result['run_id']}'"
    rows = json.loads(run("sql", query, "--format", "json", cwd=project.folder).stdout)
    assert {(each["side"], each["broken"]) for each in rows} == {("source", 1), ("offline", 1), ("online", 1)}
    assert {(each["rule"], each["expected"], each["example_value"]) for each in rows} == {("range", "0 to 1", "1.5")}


def test_promises_that_are_kept_are_green_and_told(project: Project, entities: Path) -> None:
    config = contracts(
        **{
            "stats:rate": "range = [0, 1.5]\nnullable = false",
            "stats:city": 'categories = ["Rome", "Gone"]\nnullable = true',
            "doubled:share": "range = [0, inf]\nnullable = false",
        }
    )
    found = checked(project, config, "--entities", str(entities))
    assert (found.exit_code, found.result["verdict"]) == (0, "pass"), found.stdout
    assert broken(found, "stats:rate")["nullable", "online"] == (0, 11, None)
    assert broken(found, "doubled:share")["nullable", "offline"] == (0, 11, None), (
        "without an input row there is no null"
    )
    assert all(each["notes"] == [] or "without data" in each["notes"][0] for each in found.result["features"])


def test_an_on_demand_feature_is_held_to_its_contract(project: Project) -> None:
    found = checked(project, contracts(**{"doubled:*": "range = [0, 2]"}), "--feature", "doubled")
    assert found.exit_code == 0
    assert found.feature("doubled:share")["verdict"] == "warn"
    assert broken(found, "doubled:share")["range", "source"] == (1, 11, "3.0")


def test_generated_request_data_break_no_promise(project: Project, entities: Path) -> None:
    config = contracts(**{"distance:per_km": "range = [-100, 0.4]"})
    generated = checked(project, config, "--feature", "distance")
    entry = generated.feature("distance:per_km")
    assert (generated.exit_code, entry["verdict"], entry["contract"]) == (0, "pass", [])
    assert any("generated request data" in each for each in entry["notes"])
    given = checked(project, config, "--feature", "distance", "--entities", str(entities))
    assert given.feature("distance:per_km")["verdict"] == "warn"


def test_one_side_alone_is_told_beside_its_skew(tmp_path: Path) -> None:
    made = Project(folder=tmp_path / "repo")
    made.define(STATS.partition("asked =")[0])
    made.source(
        "stats",
        {
            "driver_id": DRIVERS,
            "at": [NOON - hours(1)] * 12,
            "rate": [0.5] * 12,
            "city": ["Rome"] * 12,
            "trips": DRIVERS,
        },
    )
    deployed = Deployed(project=made)
    deployed.apply()
    deployed.materialize(2, 0)
    store = sqlite3.connect(made.folder / "online.db")
    from feast.protos.feast.types.Value_pb2 import Value

    (name,) = [
        each for (each,) in store.execute("select name from sqlite_master where type = 'table' and name like '%stats'")
    ]
    for feature, value in (("rate", Value(double_val=7.5)), ("city", Value())):
        key = store.execute(f"select entity_key from {name} limit 1").fetchone()[0]
        store.execute(
            f"update {name} set value = ? where feature_name = ? and entity_key = ?",
            (value.SerializeToString(), feature, key),
        )
    store.commit()
    store.close()
    config = contracts(**{"stats:rate": "range = [0, 1]", "stats:city": "nullable = false"})
    found = checked(made, config, "--live", "--feature", "stats")
    assert found.exit_code == 1
    assert broken(found, "stats:rate") == {
        ("range", "source"): (0, 12, None), ("range", "offline"): (0, 12, None), ("range", "online"): (1, 12, "7.5"),
    }  # fmt: skip
    assert broken(found, "stats:city")["nullable", "online"] == (1, 12, None)
    assert broken(found, "stats:city")["nullable", "offline"] == (0, 12, None)


def test_a_value_that_cannot_be_its_dtype_is_told(tmp_path: Path) -> None:
    made = Project(folder=tmp_path / "repo")
    made.define(STATS)
    trips = [7.9, *(float(each) for each in DRIVERS[1:])]
    made.source(
        "stats",
        {"driver_id": DRIVERS, "at": [NOON - hours(1)] * 12, "rate": [0.5] * 12, "city": ["R"] * 12, "trips": trips},
    )
    found = checked(made, "[tool.skewguard]\n", "--allow", "precision", "--feature", "stats")
    assert (found.exit_code, found.feature("stats:trips")["verdict"]) == (0, "warn"), found.stdout
    assert broken(found, "stats:trips") == {
        ("dtype", "source"): (1, 12, "7.9"), ("dtype", "offline"): (1, 12, "7.9"),
    }  # fmt: skip


DECORATED = """
from skewguard import Feature, on_demand_features
from skewguard import on_demand_feature_view as bound

@on_demand_features(inputs={"rate": "float64"}, features=[Feature("half", "float64", range=(0, 0.5), nullable=False)])
def halved(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"half": inputs["rate"] / 2})
"""


def test_a_declared_contract_reaches_a_live_check_by_the_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from feast import FeatureStore

    made = Project(folder=tmp_path / "repo")
    made.define(STATS.partition("asked =")[0])
    (made.folder / "shared_halves.py").write_text("import pandas as pd\n" + DECORATED)
    code = (made.folder / "definitions.py").read_text()
    (made.folder / "definitions.py").write_text(
        code + "\nimport shared_halves\nhalves = shared_halves.bound(shared_halves.halved, sources=[stats])\n"
    )
    made.source(
        "stats",
        {
            "driver_id": DRIVERS, "at": [NOON - hours(1)] * 12, "rate": [each / 10 for each in DRIVERS],
            "city": ["Rome"] * 12, "trips": DRIVERS,
        },
    )  # fmt: skip
    sandboxed = checked(made, "[tool.skewguard]\n", "--feature", "halved")
    assert (sandboxed.exit_code, sandboxed.feature("halved:half")["verdict"]) == (0, "warn"), sandboxed.stdout
    assert broken(sandboxed, "halved:half")["range", "offline"] == (1, 12, "0.55")
    monkeypatch.syspath_prepend(str(made.folder))
    space: dict[str, Any] = {"__name__": "definitions"}
    exec(compile((made.folder / "definitions.py").read_text(), "definitions.py", "exec"), space)
    with contextlib.chdir(made.folder):
        store = FeatureStore(repo_path=str(made.folder))
        store.apply([space["driver"], space["stats"], space["halves"]])
        store.materialize(NOON - hours(2), NOON)
    live = checked(made, "[tool.skewguard]\n", "--feature", "halved", "--live")
    assert (live.exit_code, live.feature("halved:half")["verdict"]) == (0, "warn"), live.stdout
    assert broken(live, "halved:half")["range", "online"] == (1, 12, "0.55")
