"""Each way a model can be served something else than it was trained on turns a check red, with exact counts."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from building import NOON, Checked, Project, hours

STATS = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
stats = FeatureView(
    name="stats", entities=[driver], ttl=timedelta(hours=24),
    schema=[Field(name="trips", dtype=Int64), Field(name="rate", dtype=Float32), Field(name="city", dtype=String)],
    source=FileSource(name="s", path=HERE + "/stats.parquet", timestamp_field="at", created_timestamp_column="known"),
)
"""


def drivers(project: Project, *, age: dict[int, float] | None = None, count: int = 20, **columns: list) -> None:
    """One event per driver, an hour old unless `age` says how many hours."""
    ages = [(age or {}).get(driver, 1.0) for driver in range(count)]
    project.source(
        "stats",
        {
            "driver_id": list(range(count)),
            "at": [NOON - hours(each) for each in ages],
            "known": [NOON - hours(each) for each in ages],
            "trips": list(range(100, 100 + count)),
            "rate": [each / 8 for each in range(count)],
            "city": [f"city {each % 3}" for each in range(count)],
            **columns,
        },
    )


def only(checked: Checked, *skewed: str) -> None:
    """No feature but those named is flagged."""
    flagged = [each["feature"] for each in checked.result["features"] if each["verdict"] != "pass"]
    assert sorted(flagged) == sorted(skewed), checked.stdout


@pytest.fixture(params=["duckdb", "dask"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    """A repo with one view, on each of Feast's file offline stores."""
    made = Project(folder=tmp_path / "repo", offline=request.param)
    made.define(STATS)
    return made


def test_clean_repo_passes(project: Project) -> None:
    drivers(project)
    checked = project.check(fresh=project.offline == "duckdb")
    assert checked.exit_code == 0, checked.stderr
    assert checked.result["verdict"] == "pass"
    only(checked)
    for ref in ("stats:trips", "stats:rate", "stats:city"):
        assert checked.counts(ref) == {"requested": 20, "compared": 20, "matched": 20}
    assert not (project.folder / "registry.db").exists(), "a sandbox check must not touch the configured registry"
    assert not (project.folder / "online.db").exists(), "a sandbox check must not touch the configured online store"


def test_rows_expired_by_ttl_are_served_all_the_same(project: Project) -> None:
    drivers(project, age={3: 30.0, 4: 25.0, 5: 24.0 + 1.0})
    checked = project.check("--as-of", NOON.isoformat())
    assert checked.exit_code == 1, checked.stderr
    only(checked, "stats:trips", "stats:rate", "stats:city")
    assert checked.counts("stats:trips") == {
        "requested": 20, "compared": 20, "matched": 17, "missing_offline": 3, "skewed": 3,
    }  # fmt: skip


def test_event_exactly_as_old_as_the_ttl_passes(project: Project) -> None:
    drivers(project, age={3: 24.0})
    checked = project.check("--as-of", NOON.isoformat())
    assert checked.exit_code == 0, checked.stdout
    assert checked.counts("stats:trips")["matched"] == 20


def test_float32_overflow(project: Project) -> None:
    drivers(project, rate=[1e40 if each in (2, 7) else each / 10 for each in range(20)])
    checked = project.check()
    assert checked.exit_code == 1
    only(checked, "stats:rate")
    assert checked.counts("stats:rate") == {
        "requested": 20,
        "compared": 20,
        "matched": 18,
        "mismatched": 2,
        "skewed": 2,
    }


def test_integer_cut_off(project: Project) -> None:
    drivers(project, trips=[7.9 if each == 5 else float(each) for each in range(20)])
    checked = project.check()
    assert checked.exit_code == 1
    only(checked, "stats:trips")
    assert checked.counts("stats:trips") == {
        "requested": 20,
        "compared": 20,
        "matched": 19,
        "mismatched": 1,
        "skewed": 1,
    }


ON_DEMAND = (
    STATS
    + """
@on_demand_feature_view(sources=[stats], schema=[Field(name="centred", dtype=Float64)])
def batch_dependent(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"centred": inputs["trips"].astype("float64") - inputs["trips"].mean()})

@on_demand_feature_view(sources=[stats], schema=[Field(name="doubled", dtype=Float64)])
def sound(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"doubled": inputs["trips"] * 2.0})
"""
)


def test_on_demand_transform_that_depends_on_its_batch(project: Project) -> None:
    project.define(ON_DEMAND)
    drivers(project, trips=[100 + 2 * each for each in range(20)])
    checked = project.check()
    assert checked.exit_code == 1, checked.stderr
    only(checked, "batch_dependent:centred")
    assert checked.counts("batch_dependent:centred") == {
        "requested": 20, "compared": 20, "mismatched": 20, "skewed": 20,
    }  # fmt: skip
    assert checked.counts("sound:doubled") == {"requested": 20, "compared": 20, "matched": 20}


@pytest.fixture
def deployed(tmp_path: Path) -> Project:
    """A repo that was applied and materialized by Feast's own command line, the first in a process of its own."""
    made = Project(folder=tmp_path / "repo")
    made.define(STATS)
    drivers(made)
    made.feast("apply", fresh=True)
    made.materialize(NOON - hours(48), NOON)
    return made


def _instant() -> list[str]:
    return ["--live", "--as-of", NOON.isoformat()]


def test_live_faults_one_after_the_other(deployed: Project) -> None:
    clean = deployed.check(*_instant())
    assert clean.exit_code == 0, clean.stdout + clean.stderr
    assert clean.counts("stats:trips") == {"requested": 20, "compared": 20, "matched": 20}

    before = {path.name: path.read_bytes() for path in deployed.folder.glob("*.db")}
    deployed.check(*_instant())
    assert before == {path.name: path.read_bytes() for path in deployed.folder.glob("*.db")}

    _serve_wrong_value(deployed)
    changed = deployed.check(*_instant())
    assert changed.exit_code == 1
    only(changed, "stats:trips")
    assert changed.counts("stats:trips") == {
        "requested": 20,
        "compared": 20,
        "matched": 19,
        "mismatched": 1,
        "skewed": 1,
    }

    drivers(deployed, age={8: 0.5, 9: 0.25}, trips=[100 + each if each not in (8, 9) else 900 for each in range(20)])
    stale = deployed.check(*_instant(), "--feature", "stats:trips")
    assert stale.counts("stats:trips") == {"requested": 20, "compared": 20, "matched": 17, "mismatched": 3, "skewed": 3}


def _serve_wrong_value(project: Project) -> None:
    from feast.protos.feast.types.Value_pb2 import Value

    with sqlite3.connect(project.folder / "online.db") as connection:
        key = connection.execute("select entity_key from shop_stats where feature_name = 'trips' limit 1").fetchone()[0]
        connection.execute(
            "update shop_stats set value = ? where feature_name = 'trips' and entity_key = ?",
            [Value(int64_val=-5).SerializeToString(), key],
        )


def test_live_never_materialized(tmp_path: Path) -> None:
    project = Project(folder=tmp_path / "repo")
    project.define(STATS)
    drivers(project)
    project.feast("apply")
    checked = project.check(*_instant())
    assert checked.exit_code == 1, checked.stderr
    assert checked.counts("stats:city") == {"requested": 20, "compared": 20, "missing_online": 20, "skewed": 20}
