"""The project of which the documentation speaks: deployed, with things that went wrong, and a ledger of four runs."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from building import Checked, Project, hours, run

FEATURES = """
from datetime import timedelta
from pathlib import Path

import pandas as pd
from feast import Entity, FeatureService, FeatureView, Field, FileSource, RequestSource, ValueType
from feast.on_demand_feature_view import on_demand_feature_view
from feast.types import Float32, Float64, Int64

HERE = Path(__file__).resolve().parent
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
trips = FileSource(
    name="driver_trips", path=str(HERE / "driver_trips.parquet"),
    timestamp_field="event_timestamp", created_timestamp_column="created",
)
driver_stats = FeatureView(
    name="driver_stats", entities=[driver], ttl=timedelta(days=1), source=trips,
    schema=[
        Field(name="conv_rate", dtype=Float32),
        Field(name="avg_daily_trips", dtype=Int64),
        Field(name="debug", dtype=Int64),
    ],
)
trip = RequestSource(name="trip", schema=[Field(name="km", dtype=Float64)])


@on_demand_feature_view(sources=[driver_stats, trip], schema=[Field(name="km_rank", dtype=Float64)], mode="pandas")
def trip_outlook(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"km_rank": inputs["km"].rank(pct=True)})


model_v2 = FeatureService(name="model_v2", features=[driver_stats, trip_outlook])
"""
TRANSFORMS = """
import pandas as pd

from skewguard import Feature, on_demand_features


@on_demand_features(inputs={"km": "float64"}, features=[Feature("km_share", "float64", nullable=True)])
def share_of_batch(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"km_share": inputs["km"] / inputs["km"].mean()})
"""
SETTINGS = """
[tool.skewguard]
repo = "feature_repo"

[tool.skewguard.contracts."driver_stats:*"]
owner = "drivers team"

[tool.skewguard.contracts."driver_stats:conv_rate"]
range = [0, 1]

[tool.skewguard.contracts."trip_outlook:*"]
owner = "trips team"

[[tool.skewguard.waivers]]
feature = "driver_stats:debug"
cause = "*"
reason = "not read by any model; goes with model_v3"
owner = "drivers team"
expires = 2099-12-31
"""
DRIVERS = 24
# Which drivers something happens to.
EXPIRED, LATER, LATE, OUT_OF_RANGE = range(5), range(5, 10), range(10, 14), (20,)


def build(folder: Path) -> Path:
    """The project in `folder`, deployed and checked: a run of laws, one in the sandbox, and two live ones."""
    project = Project(folder=folder / "feature_repo")
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    (folder / "pyproject.toml").write_text(SETTINGS)
    (project.folder / "features.py").write_text(FEATURES)
    (folder / "transforms").mkdir()
    (folder / "transforms" / "__init__.py").write_text("")
    (folder / "transforms" / "trips.py").write_text(TRANSFORMS)
    _tables(folder)
    _history(project, now, later=False)
    _deploy(project, now)
    _checked(folder, "parity", "transforms", "--law", "batch_invariant", "--examples", "5")
    _checked(folder, "check")
    _checked(folder, "check", "--live")
    _history(project, now, later=True)
    _checked(folder, "check", "--live")
    return folder


def _tables(folder: Path) -> None:
    """Two tables for `skewguard diff`, entity rows for `--entities`, and the events of the README's transform."""
    times = pa.array([datetime(2026, 3, 1, 12, tzinfo=UTC)] * 4, pa.timestamp("us", tz="UTC"))
    rows = pa.table({"driver_id": [1, 2, 3, 4], "event_timestamp": times, "price": [1.0, 2.5, 3.0, None]})
    pq.write_table(rows, folder / "offline.parquet")
    departures = {"carrier": ["AA", "AA", "UA"], "delay": [5.0, 9.0, None]}
    left = pa.array([datetime(2026, 3, 1, at, tzinfo=UTC) for at in (8, 9, 10)], pa.timestamp("us", tz="UTC"))
    pq.write_table(pa.table(departures | {"left_at": left}), folder / "feature_repo" / "departures.parquet")
    lines = [f"{driver},2026-03-01 12:00:00+00:00,{price}" for driver, price in ((1, 1.0), (2, 2.75), (3, 3.0))]
    (folder / "online.csv").write_text("\n".join(["driver_id,event_timestamp,price", *lines, ""]))
    (folder / "rows.csv").write_text("driver_id,km\n1,3.5\n2,7.25\n21,1.0\n")


def _history(project: Project, now: datetime, *, later: bool) -> None:
    """The events; `later`, those too that came after the view was materialized."""
    events = [(driver, 30.0 if driver in EXPIRED else 5.0, 6.0) for driver in range(DRIVERS)]
    if later:
        events += [(driver, 1.0, 1.0) for driver in LATER]
        events += [(driver, 4.0, 0.5) for driver in LATE]
    columns: dict[str, list[Any]] = {
        "driver_id": [driver for driver, _, _ in events],
        "event_timestamp": [now - hours(age) for _, age, _ in events],
        "created": [now - hours(min(created, age)) for _, age, created in events],
        "conv_rate": [1.5 if driver in OUT_OF_RANGE else (driver + 1) / (age + 41) for driver, age, _ in events],
        "avg_daily_trips": [int(100 * driver + age) for driver, age, _ in events],
        "debug": [int(driver * 7 + age) for driver, age, _ in events],
    }
    project.source("driver_trips", columns, conv_rate=pa.float32())


def _deploy(project: Project, now: datetime) -> None:
    """`feast apply` and `feast materialize`, by Feast's own Python API."""
    from feast import Entity, FeatureService, FeatureStore, FeatureView, OnDemandFeatureView
    from feast.data_source import DataSource

    path = project.folder / "features.py"
    space: dict[str, Any] = {"__name__": "features", "__file__": str(path)}
    exec(compile(path.read_text(), path, "exec"), space)
    kinds = Entity | FeatureView | OnDemandFeatureView | FeatureService | DataSource
    with contextlib.chdir(project.folder):
        store = FeatureStore(repo_path=str(project.folder))
        store.apply([each for each in space.values() if isinstance(each, kinds)])
        store.materialize(now - timedelta(days=10), now - hours(2))


def _checked(folder: Path, *words: str) -> Checked:
    ran = run(*words, cwd=folder)
    assert ran.exit_code in (0, 1), ran.stdout + ran.stderr
    return ran
