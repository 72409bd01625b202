"""A small real Feast project for the tests that read stores: sources, views, and entity rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from skewguard.model import FeatureSpec, JoinKey, RequestField, ViewKind, ViewSpec

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
INSTANT = pa.timestamp("us", tz="UTC")
OFFLINE_STORES = ("dask", "duckdb")


def hours(count: float) -> datetime:
    """NOON and so many hours."""
    return NOON + timedelta(hours=count)


@dataclass
class Scratch:
    """A folder with a registry and a SQLite online store of its own."""

    folder: Path
    offline: str = "duckdb"
    online: Mapping[str, Any] | None = None
    project: str = "reading"

    def store(self) -> Any:
        """A FeatureStore object; each has its own registry cache, as each process has."""
        from feast import FeatureStore, RepoConfig

        self.folder.mkdir(parents=True, exist_ok=True)
        return FeatureStore(
            config=RepoConfig(
                project=self.project,
                provider="local",
                registry={"path": str(self.folder / "registry.db"), "cache_ttl_seconds": 0},
                online_store=dict(self.online or {"type": "sqlite", "path": str(self.folder / "online.db")}),
                offline_store={"type": self.offline},
                entity_key_serialization_version=3,
            )
        )

    def source(self, name: str, table: pa.Table, **options: Any) -> Any:
        """A Parquet source with `event_timestamp` (and `created`, where the table has it)."""
        from feast import FileSource

        path = self.folder / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path)
        created = "created" if "created" in table.column_names else ""
        defaults = {"timestamp_field": "event_timestamp", "created_timestamp_column": created}
        return FileSource(name=name, path=str(path), **{**defaults, **options})


def events(times: Sequence[datetime], **columns: Any) -> pa.Table:
    """A source table: each column an Arrow array or a list."""
    made = {name: column if isinstance(column, pa.Array) else pa.array(column) for name, column in columns.items()}
    return pa.table({**made, "event_timestamp": pa.array(times, INSTANT)})


def rows(as_of: Any = NOON, **columns: Any) -> pa.Table:
    """Entity rows as the pipeline hands them out; row ids have gaps, since views share them."""
    made = {name: column if isinstance(column, pa.Array) else pa.array(column) for name, column in columns.items()}
    size = len(next(iter(made.values()))) if made else len(as_of) if isinstance(as_of, list) else 1
    instants = as_of if isinstance(as_of, list) else [as_of] * size
    row_ids = pa.array(range(3, 3 + 2 * size, 2), pa.int64())
    return pa.table({"row_id": row_ids, **made, "as_of": pa.array(instants, INSTANT)})


def spec(
    name: str,
    features: Mapping[str, str],
    keys: Mapping[str, str] | None = None,
    *,
    base: str | None = None,
    kind: ViewKind = ViewKind.FEATURE_VIEW,
    request: Mapping[str, str] | None = None,
    inputs: Sequence[str] = (),
    input_features: Sequence[str] = (),
) -> ViewSpec:
    """A ViewSpec, said shortly: features and keys map names to dtypes."""
    return ViewSpec(
        name=name,
        base_name=base or name,
        kind=kind,
        join_keys=tuple(JoinKey(name=key, column=key, dtype=dtype) for key, dtype in (keys or {}).items()),
        features=tuple(FeatureSpec(view=name, name=each, dtype=dtype) for each, dtype in features.items()),
        inputs=tuple(inputs),
        input_features=tuple(input_features),
        request=tuple(RequestField(name=field, dtype=dtype) for field, dtype in (request or {}).items()),
    )


def refs(view: ViewSpec) -> list[str]:
    """The feature references that ask for the whole view."""
    return [feature.ref for feature in view.features]


def values(side: Any, index: int = 0) -> list[Any]:
    """One feature's values of a Side."""
    return side.table[f"v{index}"].to_pylist()


def column(side: Any, name: str) -> list[Any]:
    """One column of a Side."""
    return side.table[name].to_pylist()
