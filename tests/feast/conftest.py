"""Small real Feast repos written into a temporary folder."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from feasting import feast

from skewguard.feature_store.arrival import import_feast

import_feast()  # as skewguard does, before a test does it plainly: that takes three times as long

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

HEADER = """
from datetime import timedelta
import pandas as pd
from feast import (BatchFeatureView, Entity, FeatureService, FeatureView, Field, FileSource, KafkaSource, LabelView,
                   OnDemandFeatureView, Project, PushSource, RequestSource, StreamFeatureView, ValueType)
from feast.data_format import JsonFormat, ParquetFormat
from feast.on_demand_feature_view import on_demand_feature_view
from feast.batch_feature_view import batch_feature_view
from feast.types import *

driver = Entity(name="driver", join_keys=["driver_id"])
trips = FileSource(name="trips", path="data/trips.parquet", timestamp_field="event_timestamp",
                   created_timestamp_column="created")
"""


@dataclass(frozen=True, kw_only=True)
class BuiltRepo:
    """A Feast repo in a folder of its own."""

    folder: Path

    def python(self, code: str, *, file: str = "features.py", header: str = HEADER) -> BuiltRepo:
        """Writes a Python file of the repo."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(header) + textwrap.dedent(code), encoding="utf-8")
        return self

    def settings(self, **changes: Any) -> BuiltRepo:
        """Writes feature_store.yaml; None removes a setting."""
        settings: dict[str, Any] = {
            "project": "tiny",
            "registry": "data/registry.db",
            "provider": "local",
            "online_store": {"type": "sqlite", "path": "data/online.db"},
            "entity_key_serialization_version": 3,
        }
        settings = {name: value for name, value in {**settings, **changes}.items() if value is not None}
        (self.folder / "feature_store.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        return self

    def source(self, columns: Mapping[str, Any], *, file: str = "data/trips.parquet") -> BuiltRepo:
        """Writes a Parquet source; times are kept in microseconds."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(dict(columns)), path)
        return self

    def feast(self, *arguments: str) -> None:
        """Runs Feast's own command in the repo."""
        feast(self.folder, *arguments)

    def snapshot(self) -> dict[str, tuple[int, int, bytes]]:
        """Name, size, change time and content of every file."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return {str(each): (each.stat().st_size, each.stat().st_mtime_ns, each.read_bytes()) for each in files}


def trip_columns(hours: int = 3) -> dict[str, Any]:
    """Three drivers, one event an hour up to NOON; `trips` counts up, so the newest is the largest."""
    rows = [(driver, hour) for driver in (1, 2, 3) for hour in range(hours)]
    times = [NOON - timedelta(hours=hours - 1 - hour) for _, hour in rows]
    return {
        "driver_id": pa.array([driver for driver, _ in rows], pa.int64()),
        "region": pa.array(["north" if driver < 3 else "south" for driver, _ in rows], pa.string()),
        "trips": pa.array([driver * 100 + hour for driver, hour in rows], pa.int64()),
        "rate": pa.array([driver + hour / 10 for driver, hour in rows], pa.float64()),
        "event_timestamp": pa.array(times, pa.timestamp("us", "UTC")),
        "created": pa.array(times, pa.timestamp("us", "UTC")),
    }


@pytest.fixture
def make_repo(tmp_path: Path) -> Callable[..., BuiltRepo]:
    """`make_repo(code, name=…, **settings)`: a repo with one Python file and the source `trips`."""

    def make(code: str = "", *, name: str = "repo", **settings: Any) -> BuiltRepo:
        folder = tmp_path / name
        folder.mkdir()
        return BuiltRepo(folder=folder).settings(**settings).python(code).source(trip_columns())

    return make


@pytest.fixture
def entities() -> pd.DataFrame:
    """Drivers 1 and 2 as they are at NOON, as an entity frame."""
    return pd.DataFrame({"driver_id": [1, 2], "event_timestamp": [NOON, NOON]})
