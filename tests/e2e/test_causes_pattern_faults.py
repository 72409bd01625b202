"""Values that Feast itself wrote wrongly to the online store, at the right event: what they have in common is named."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import NOON, Checked, Project, hours
from seeding import note

pytestmark = pytest.mark.feast

VIEWS = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
stats = FeatureView(
    name="stats", entities=[driver], ttl=timedelta(hours=96),
    schema=[Field(name="fare", dtype=Float64), Field(name="weight", dtype=Float32), Field(name="trips", dtype=Int64),
            Field(name="seen", dtype=UnixTimestamp), Field(name="city", dtype=String),
            Field(name="tags", dtype=Array(String)), Field(name="active", dtype=Bool)],
    source=FileSource(name="s", path=HERE + "/stats.parquet", timestamp_field="at", created_timestamp_column="known"),
)
ratings = FeatureView(
    name="ratings", entities=[driver], ttl=timedelta(hours=96), schema=[Field(name="score", dtype=Float64)],
    source=FileSource(name="r", path=HERE + "/ratings.parquet", timestamp_field="at"),
)
"""
COUNT = 20
EVERYONE = range(COUNT)
KEPT = ("online.db", "stats.parquet")
CITIES = ["Århus", "Łódź ", "OSLO", "Zürich", "cádiz", "Gießen", "Kraków"]


def scrambled(at: int, modulus: int = 997) -> int:
    """Numbers that lie on no line."""
    return (at * at * 331 + at * 17 + 5) % modulus


# Patterns are found in what is served: that both offline stores give what they are found against, a few tests show.
BOTH_STORES = pytest.mark.parametrize("deployed", ["duckdb", "dask"], indirect=True)


@pytest.fixture(scope="module")
def deployed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Applied and materialized by Feast's own command line, green, and kept for each test to start from."""
    offline = getattr(request, "param", "duckdb")
    project = Project(folder=tmp_path_factory.mktemp("deployed") / "repo", offline=offline)
    project.define(VIEWS)
    ages = {"at": [NOON - hours(1)] * COUNT, "known": [NOON - hours(1)] * COUNT}
    keys = {"driver_id": list(EVERYONE)}
    project.source(
        "stats",
        {
            **keys,
            **ages,
            "fare": [scrambled(each) / 8 for each in EVERYONE],
            "weight": [None if each % 3 == 0 else scrambled(each + 40) / 7 for each in EVERYONE],
            "trips": [scrambled(each + 90) for each in EVERYONE],
            "seen": [NOON - timedelta(seconds=977 * scrambled(each)) for each in EVERYONE],
            "city": [CITIES[each % 7] for each in EVERYONE],
            "tags": [[f"tag {each}", "night", "airport"] for each in EVERYONE],
            "active": [each % 2 == 0 for each in EVERYONE],
        },
    )
    project.source("ratings", {**keys, "at": ages["at"], "score": [scrambled(each + 7) / 16 for each in EVERYONE]})
    project.feast("apply")
    project.materialize(NOON - hours(48), NOON)
    for name in KEPT:
        shutil.copy2(project.folder / name, project.folder / f"{name}.kept")
    return project


@pytest.fixture
def project(deployed: Project) -> Project:
    """As it was deployed."""
    for name in KEPT:
        shutil.copy2(deployed.folder / f"{name}.kept", deployed.folder / name)
    return deployed


def rows(project: Project, name: str = "stats") -> pd.DataFrame:
    """The source of a view, as whoever writes to the online store has it."""
    return pq.read_table(project.folder / f"{name}.parquet").to_pandas()


def serve(project: Project, frame: pd.DataFrame, view: str = "stats") -> None:
    """Write rows to the online store through Feast."""
    from feast import FeatureStore

    with contextlib.chdir(project.folder):
        FeatureStore(repo_path=str(project.folder)).write_to_online_store(view, frame)


def check(project: Project, *words: str) -> Checked:
    return project.check("--live", "--as-of", NOON.isoformat(), *words)


def evidence(project: Project) -> dict[tuple[str, int], dict[str, Any]]:
    """Of every skewed cell of the newest run, by feature and driver."""
    with duckdb.connect(str(project.folder / "skewguard.duckdb"), read_only=True) as ledger:
        found = ledger.sql("select feature, entity->>'driver_id', evidence from latest_diffs where skewed").fetchall()
    return {(feature, int(driver)): json.loads(said or "{}") for feature, driver, said in found}


def expect(checked: Checked, project: Project, **causes: dict[str, Iterable[int]]) -> dict[str, Any]:
    """By feature of `stats`, exactly these drivers for each cause, and online to blame; the evidence of the first."""
    seeded = {name: {cause: len(list(drivers)) for cause, drivers in found.items()} for name, found in causes.items()}
    note(checked, {f"stats:{name}": counts for name, counts in seeded.items()})
    assert checked.exit_code == 1, checked.stdout + checked.stderr
    for each in checked.result["features"]:
        wanted = seeded.get(each["name"], {})
        assert each["causes"] == wanted, each["feature"]
        assert each["verdict"] == ("fail" if wanted else "pass")
    with duckdb.connect(str(project.folder / "skewguard.duckdb"), read_only=True) as ledger:
        found = ledger.sql(
            "select feature, cause, (entity->>'driver_id')::int, blame, evidence from latest_diffs where skewed"
            " order by row_id"
        ).fetchall()
    assert {blame for _, _, _, blame, _ in found} == {"online"}
    for name, by_cause in causes.items():
        for cause, drivers in by_cause.items():
            assert {each[2] for each in found if each[:2] == (f"stats:{name}", cause)} == set(drivers)
    first: dict[str, Any] = json.loads(found[0][4] or "{}")
    return first


@BOTH_STORES
def test_clean_deployment(project: Project) -> None:
    serve(project, rows(project))
    checked = check(project)
    note(checked, {})
    assert checked.exit_code == 0, checked.stdout + checked.stderr


@BOTH_STORES
def test_timezone_shift(project: Project) -> None:
    frame = rows(project)
    frame["seen"] = frame["seen"].dt.tz_convert("Asia/Kathmandu").dt.tz_localize(None).dt.tz_localize("UTC")
    serve(project, frame)
    found = expect(check(project), project, seen={"timezone_shift": EVERYONE})
    assert (found["shift_seconds"], found["cells"]) == (20700, COUNT)


@BOTH_STORES
def test_null_default(project: Project) -> None:
    serve(project, rows(project).fillna({"weight": 0.0}))
    found = expect(check(project), project, weight={"null_default": range(0, COUNT, 3)})
    assert (found["null"], found["constant"], found["cells"]) == ("offline", "0.0", 7)


def test_text_form(project: Project) -> None:
    frame = rows(project)
    frame["city"] = frame["city"].str.strip().str.upper().str.normalize("NFD")
    serve(project, frame)
    found = expect(check(project), project, city={"text_form": [each for each in EVERYONE if each % 7 != 2]})
    assert (found["equal_after"], found["cells"]) == ("NFKC, case folding, trimming", 17)
    assert evidence(project)["stats:city", 5]["folded"] == "giessen"


@BOTH_STORES
def test_element_order(project: Project) -> None:
    frame = rows(project)
    frame["tags"] = frame["tags"].map(sorted)
    serve(project, frame)
    expect(check(project), project, tags={"element_order": EVERYONE})


@pytest.mark.parametrize(
    ("name", "change", "ratio"),
    [
        ("fare", lambda fare: fare * 100, 100.0),
        ("weight", lambda weight: weight * 0.45359237, 0.45359237),
        ("trips", lambda trips: -3 * trips, -3.0),
    ],
)
def test_unit_scale(project: Project, name: str, change: Callable[[pd.Series], pd.Series], ratio: float) -> None:
    frame = rows(project)
    frame[name] = change(frame[name])
    serve(project, frame)
    drivers = [each for each in EVERYONE if name != "weight" or each % 3]
    found = expect(check(project), project, **{name: {"unit_scale": drivers}})
    assert found["ratio"] == pytest.approx(ratio, rel=1e-6)
    assert found["max_residual"] < 1e-4


def test_rescaled(project: Project) -> None:
    frame = rows(project)
    mean, deviation = frame["fare"].mean(), frame["fare"].std()
    frame["fare"] = (frame["fare"] - mean) / deviation
    serve(project, frame)
    found = expect(check(project), project, fare={"rescaled": EVERYONE})
    assert found["slope"] == pytest.approx(1 / deviation)
    assert found["intercept"] == pytest.approx(-mean / deviation)


def test_swapped_feature(project: Project) -> None:
    frame = rows(project)
    frame["fare"] = frame["trips"].astype(float)
    serve(project, frame)
    assert expect(check(project), project, fare={"swapped_feature": EVERYONE})["feature"] == "stats:trips"


def test_swapped_feature_of_another_view(project: Project) -> None:
    frame = rows(project)
    frame["fare"] = rows(project, "ratings")["score"]
    serve(project, frame)
    assert expect(check(project), project, fare={"swapped_feature": EVERYONE})["feature"] == "ratings:score"


def test_swapped_entity(project: Project) -> None:
    frame = rows(project)
    frame["trips"] = frame["trips"].sample(frac=1, random_state=7).to_numpy()
    moved = frame["trips"] != rows(project)["trips"]
    serve(project, frame)
    found = expect(check(project), project, trips={"swapped_entity": frame["driver_id"][moved].tolist()})
    trained = dict(zip(rows(project)["driver_id"], rows(project)["trips"], strict=True))
    served = dict(zip(frame["driver_id"], frame["trips"], strict=True))
    assert found["pairs"] == "permutation"
    for (_, driver), said in evidence(project).items():
        assert trained[said["entity"]["driver_id"]] == served[driver]


def test_swapped_entity_by_a_shift_of_keys(project: Project) -> None:
    frame = rows(project).astype({"trips": "Int64"})
    frame["trips"] = frame["trips"].shift(-1)
    serve(project, frame)
    expect(check(project), project, trips={"swapped_entity": EVERYONE})
    said = evidence(project)["stats:trips", 4]
    assert (said["pairs"], said["key"], said["shift"], said["cells"]) == ("shift", "driver_id", 1, COUNT)
    assert said["entity"] == {"driver_id": 5}


def test_unit_scale_of_some_rows_only(project: Project) -> None:
    frame = rows(project).iloc[4:11]
    frame["fare"] *= 1000
    serve(project, frame)
    expect(check(project), project, fare={"unit_scale": range(4, 11)})


@pytest.mark.parametrize("name", ["fare", "trips"])
def test_unexplained_where_one_cell_is_off(project: Project, name: str) -> None:
    frame = rows(project)
    frame[name] *= 2
    frame.loc[9, name] += 1
    serve(project, frame)
    expect(check(project), project, **{name: {"unexplained": EVERYONE}})


@BOTH_STORES
def test_unexplained_where_a_flag_is_turned_or_few_cells_differ(project: Project) -> None:
    frame = rows(project)
    frame["active"] = ~frame["active"]
    frame.loc[:3, "fare"] *= 1000
    serve(project, frame)
    expect(check(project), project, active={"unexplained": EVERYONE}, fare={"unexplained": range(4)})


def test_unit_scale_beside_stale_online(project: Project) -> None:
    """Two causes in one feature: what the events explain is theirs, and the pattern is one of the rest.

    The source file is younger than the deployment: evidence of rewritten history that a pattern outweighs.
    """
    stale, frame = {2, 3}, rows(project)
    newer = frame[frame["driver_id"].isin(stale)]
    newer = newer.assign(at=newer["at"] + timedelta(minutes=30), fare=newer["fare"] + 3.25)
    frame["fare"] *= 60
    serve(project, frame[~frame["driver_id"].isin(stale)])
    path = project.folder / "stats.parquet"
    table = pq.read_table(path)
    pq.write_table(pa.concat_tables([table, pa.Table.from_pandas(newer, table.schema, preserve_index=False)]), path)
    expect(check(project), project, fare={"unit_scale": set(EVERYONE) - stale, "stale_online": stale})
