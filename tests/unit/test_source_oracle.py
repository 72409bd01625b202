"""The point-in-time SQL against a join written out in Python, over small random tables."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from skewguard import sql
from skewguard.model import FeatureSpec, JoinKey, SourceSpec, ViewKind, ViewSpec
from skewguard.source import compute_source

START = datetime(2024, 1, 1, tzinfo=UTC)
TIME = pa.timestamp("us", "UTC")
CONNECTION = sql.connect()  # one for all examples: opening takes longer than asking

moments = st.integers(0, 3).map(lambda hour: START + timedelta(hours=hour))
events = st.fixed_dictionaries(
    {
        "user": st.sampled_from(["a", "A", None]),
        "shop": st.integers(2**53, 2**53 + 1),
        "at": st.none() | moments,
        "made": st.none() | moments,
        "x": st.none() | st.sampled_from([0.5, 1.5, float("nan")]),
        "tags": st.none() | st.lists(st.integers(0, 1), max_size=2),
    }
)
questions = st.fixed_dictionaries({"user": st.sampled_from(["a", "A", "a "]), "shop": st.integers(2**53, 2**53 + 2)})
SCHEMA = pa.schema(
    {"user": pa.string(), "shop": pa.int64(), "at": TIME, "made": TIME, "x": pa.float64(), "tags": pa.list_(pa.int8())}
)


def view(*, ttl: timedelta | None, created: bool, keys: tuple[str, ...]) -> ViewSpec:
    source = SourceSpec(
        name="events",
        path="",
        file_format="parquet",
        timestamp_column="at",
        created_column="made" if created else None,
    )
    return ViewSpec(
        name="v",
        base_name="v",
        kind=ViewKind.FEATURE_VIEW,
        join_keys=tuple(JoinKey(name=f"asked {key}", column=key, dtype="String") for key in keys),
        features=tuple(FeatureSpec(view="v", name=name, dtype="Float64") for name in ("x", "tags")),
        ttl=ttl,
        source=source,
    )


def same(one: Any, other: Any) -> bool:
    return one == other or (one != one and other != other)


def truth(rows: list[dict[str, Any]], asked: dict[str, Any], as_of: datetime, spec: ViewSpec) -> dict[str, Any]:
    """The newest row of the keys in the window, and all rows that stand level with it."""
    mine = [row for row in rows if all(row[key.column] == asked[key.column] for key in spec.join_keys)]
    past = [row for row in mine if row["at"] is not None and row["at"] <= as_of]
    fresh = [row for row in past if spec.ttl is None or as_of - spec.ttl <= row["at"]]
    if not fresh:
        return {"level": [], "event": None, "expired": max((row["at"] for row in past), default=None)}
    event = max(row["at"] for row in fresh)
    newest = [row for row in fresh if row["at"] == event]
    if spec.source is not None and spec.source.created_column:
        made = [row["made"] for row in newest if row["made"] is not None]
        newest = [row for row in newest if row["made"] == max(made, default=None)]
    return {"level": newest, "event": event, "expired": None}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    rows=st.lists(events, max_size=4) | st.lists(events, min_size=12, max_size=20),
    asked=st.lists(st.tuples(questions, moments), min_size=1, max_size=5),
    ttl=st.none() | st.integers(0, 2).map(lambda hours: timedelta(hours=hours)),
    created=st.booleans(),
    keys=st.sampled_from([("user", "shop"), ("shop",), ()]),
)
def test_sql_finds_what_python_finds(
    rows: list[dict[str, Any]],
    asked: list[tuple[dict[str, Any], datetime]],
    ttl: timedelta | None,
    created: bool,
    keys: tuple[str, ...],
) -> None:
    spec = view(ttl=ttl, created=created, keys=keys)
    table = pa.table(
        {
            "row_id": pa.array(range(10, 10 + len(asked)), pa.int64()),
            "as_of": pa.array([as_of for _, as_of in asked], TIME),
            **{f"asked {key}": pa.array([each[key] for each, _ in asked], SCHEMA.field(key).type) for key in keys},
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slice.parquet"
        pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path)
        found = compute_source(CONNECTION, spec, path, table).table.to_pylist()
    assert [each["row_id"] for each in found] == list(range(10, 10 + len(asked)))
    for answer, (keys_asked, as_of) in zip(found, asked, strict=True):
        expected = truth(rows, keys_asked, as_of, spec)
        level = expected["level"]
        assert answer["returned"] is bool(level)
        assert answer["ties"] == len(level)
        assert answer["event_timestamp"] == expected["event"]
        assert answer["expired_event_timestamp"] == expected["expired"]
        assert answer["created_timestamp"] == (level[0]["made"] if level and created else None)
        for at, name in enumerate(("x", "tags")):
            values = [row[name] for row in level] or [None]
            assert answer[f"k{at}"] is all(same(value, values[0]) for value in values)
            assert any(same(answer[f"v{at}"], value) for value in values)
