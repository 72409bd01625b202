"""Training values come back uncast, each to the entity row that asked, whatever the offline store does to rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from feast import Entity, FeatureService, FeatureView, Field, ValueType
from feast.types import Bytes, Float32, Float64, Int32, Int64, String, UnixTimestamp

from skewguard.feature_store.offline import read_offline
from skewguard.model import ViewSpec
from tests.feast.reading import NOON, OFFLINE_STORES, Scratch, column, events, hours, refs, rows, spec, values

pytestmark = pytest.mark.feast


@pytest.fixture(params=OFFLINE_STORES)
def scratch(request: pytest.FixtureRequest, tmp_path: Path) -> Scratch:
    return Scratch(tmp_path, request.param)


def entity(name: str = "k", value_type: ValueType = ValueType.INT64) -> Entity:
    return Entity(name=name, join_keys=[name], value_type=value_type)


def applied(
    scratch: Scratch, table: pa.Table, *features: Field, ttl: timedelta | None = None, key: Entity | None = None
) -> ViewSpec:
    """One view `fv` over `table`, keyed by `k`."""
    key = key or entity()
    view = FeatureView(name="fv", source=scratch.source("s", table), entities=[key], schema=list(features), ttl=ttl)
    scratch.store().apply([key, view])
    return spec("fv", {field.name: str(field.dtype) for field in features}, {"k": "Int64"})


def read(scratch: Scratch, view: ViewSpec, table: pa.Table, request: Any = None) -> Any:
    return read_offline(scratch.store(), view, request or refs(view), table)


def test_each_row_gets_its_value_at_its_instant(scratch: Scratch) -> None:
    table = events([hours(-3), hours(-1), hours(-2)], k=[1, 1, 2], x=[1.0, 2.0, 3.0], y=["a", "b", None])
    view = applied(scratch, table, Field(name="x", dtype=Float64), Field(name="y", dtype=String))
    side = read(scratch, view, rows(as_of=[NOON, NOON, hours(-2), hours(-1), NOON], k=[2, 1, 1, 1, 9]))
    assert values(side, 0) == [3.0, 2.0, 1.0, 2.0, None]
    assert values(side, 1) == [None, "b", "a", "b", None]
    assert column(side, "row_id") == [3, 5, 7, 9, 11]
    assert column(side, "returned")[:4] == [True] * 4
    assert column(side, "error") == [None] * 5
    assert column(side, "event_timestamp") == [None] * 5


def test_values_are_not_cast_to_the_declared_dtype(scratch: Scratch) -> None:
    table = events([hours(-1)] * 2, k=[1, 2], x=[0.1, 1e40], y=[7.9, 1.0])
    view = applied(scratch, table, Field(name="x", dtype=Float32), Field(name="y", dtype=Int64))
    side = read(scratch, view, rows(k=[1, 2]))
    assert (values(side, 0), values(side, 1)) == ([0.1, 1e40], [7.9, 1.0])


def test_a_row_that_only_has_expired_events(scratch: Scratch) -> None:
    """FEAST.md 1.1: dask drops the entity row, duckdb keeps it."""
    table = events([hours(-30), hours(-1)], k=[1, 2], x=[1.0, 2.0])
    view = applied(scratch, table, Field(name="x", dtype=Float64), ttl=timedelta(hours=24))
    side = read(scratch, view, rows(k=[1, 2]))
    assert values(side) == [None, 2.0]
    assert column(side, "returned") == [scratch.offline == "duckdb", True]


def test_an_event_exactly_as_old_as_the_ttl_counts(scratch: Scratch) -> None:
    view = applied(
        scratch, events([hours(-24)], k=[1], x=[1.0]), Field(name="x", dtype=Float64), ttl=timedelta(hours=24)
    )
    side = read(scratch, view, rows(as_of=[NOON, NOON + timedelta(microseconds=1)], k=[1, 1]))
    assert values(side) == [1.0, None]


def test_rows_with_equal_keys_and_time_all_get_their_value(scratch: Scratch) -> None:
    """FEAST.md 1.1: asked in one query, dask would merge them."""
    view = applied(scratch, events([hours(-1)] * 2, k=[1, 2], x=[1.0, 2.0]), Field(name="x", dtype=Float64))
    side = read(scratch, view, rows(k=[1, 2, 1, 1]))
    assert values(side) == [1.0, 2.0, 1.0, 1.0]
    assert column(side, "returned") == [True] * 4


def test_dask_merges_equal_rows_of_one_query(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, "dask")
    applied(scratch, events([hours(-1)], k=[1], x=[1.0]), Field(name="x", dtype=Float64))
    frame = rows(k=[1, 1]).drop(["row_id"]).rename_columns(["k", "event_timestamp"]).to_pandas()
    assert scratch.store().get_historical_features(entity_df=frame, features=["fv:x"]).to_arrow().num_rows == 1


@pytest.mark.parametrize(
    ("value_type", "keys", "missing"),
    [
        (ValueType.INT32, pa.array([1, 2], pa.int32()), pa.array([3], pa.int32())),
        (ValueType.STRING, pa.array(['it\'s "q"', "日本 <b>"]), pa.array([""])),
        (ValueType.BYTES, pa.array([b"\x00\xff", b"'"]), pa.array([b""])),
        (ValueType.UNIX_TIMESTAMP, pa.array([hours(-100), hours(-99.5)], pa.timestamp("us", tz="UTC")), None),
        (ValueType.DOUBLE, pa.array([1.5, 2.0]), pa.array([3.0])),
        (ValueType.BOOL, pa.array([True, False]), None),
    ],
    ids=lambda each: each.name if isinstance(each, ValueType) else "",
)
def test_keys_of_every_type_are_matched(
    scratch: Scratch, value_type: ValueType, keys: pa.Array, missing: pa.Array | None
) -> None:
    view = applied(
        scratch,
        events([hours(-1)] * 2, k=keys, x=[1.0, 2.0]),
        Field(name="x", dtype=Float64),
        key=entity(value_type=value_type),
    )
    asked = keys.take([1, 0]) if missing is None else pa.concat_arrays([keys.take([1, 0]), missing])
    side = read(scratch, view, rows(k=asked))
    assert values(side) == [2.0, 1.0, None][: len(asked)]
    assert column(side, "returned")[:2] == [True, True]


def test_composite_keys_in_any_order(scratch: Scratch) -> None:
    one, two = entity("b"), entity("a", ValueType.STRING)
    source = scratch.source("s", events([hours(-1)] * 3, a=["x", "x", "y"], b=[1, 2, 1], x=[1.0, 2.0, 3.0]))
    view = FeatureView(name="fv", source=source, entities=[one, two], schema=[Field(name="x", dtype=Float64)])
    scratch.store().apply([one, two, view])
    asked = rows(b=[1, 1, 2, 2], a=["y", "x", "x", "y"])
    side = read(scratch, spec("fv", {"x": "Float64"}, {"a": "String", "b": "Int64"}), asked)
    assert values(side) == [3.0, 1.0, 2.0, None]


def test_renamed_columns_and_aliases_with_other_keys(scratch: Scratch) -> None:
    key = entity()
    table = events([hours(-1)] * 2, raw_k=[1, 2], raw_x=[1.0, 2.0])
    source = scratch.source("s", table, field_mapping={"raw_k": "k", "raw_x": "x"})
    view = FeatureView(name="fv", source=source, entities=[key], schema=[Field(name="x", dtype=Float64)])
    service = FeatureService(name="both", features=[view, view.with_name("peer").with_join_key_map({"k": "peer_k"})])
    peer_only = FeatureService(name="peer_only", features=[view.with_name("peer").with_join_key_map({"k": "peer_k"})])
    scratch.store().apply([key, view, service, peer_only])
    assert values(read(scratch, spec("fv", {"x": "Float64"}, {"k": "Int64"}), rows(k=[2, 1]))) == [2.0, 1.0]
    peer = spec("peer", {"x": "Float64"}, {"peer_k": "Int64"}, base="fv")
    assert values(read(scratch, peer, rows(peer_k=[2, 1]), peer_only)) == [2.0, 1.0]


def test_a_view_without_entities(scratch: Scratch) -> None:
    source = scratch.source("s", events([hours(-2), hours(-1)], x=[1.0, 2.0]))
    scratch.store().apply([FeatureView(name="fv", source=source, entities=[], schema=[Field(name="x", dtype=Float64)])])
    side = read(scratch, spec("fv", {"x": "Float64"}), rows(as_of=[NOON, hours(-2)]))
    assert values(side) == [2.0, 1.0]


def test_a_feature_named_like_a_key(scratch: Scratch) -> None:
    """Short names would give the caller's own column back."""
    table = events([hours(-1)], k=[1], other=[5], x=[1.0])
    key, other = entity(), entity("other")
    first = FeatureView(
        name="fv", source=scratch.source("s", table), entities=[key], schema=[Field(name="x", dtype=Float64)]
    )
    second = FeatureView(
        name="named",
        source=scratch.source("s2", events([hours(-1)], k=[1], other=[8])),
        entities=[key],
        schema=[Field(name="other", dtype=Int64)],
    )
    scratch.store().apply([key, other, first, second])
    view = spec("named", {"other": "Int64"}, {"k": "Int64"})
    side = read(scratch, view, rows(k=[1]))
    assert values(side) == [8]
    # Asked for through a service, and under a name that only this check knows it by.
    alias = FeatureService(name="aliased", features=[second.with_name("peer")])
    scratch.store().apply([alias])
    for name in ("peer", "named by other"):
        renamed = spec(name, {"other": "Int64"}, {"k": "Int64"}, base="named")
        assert values(read(scratch, renamed, rows(k=[1]), alias)) == [8]


def test_a_feature_named_event_timestamp(scratch: Scratch) -> None:
    """FEAST.md 6: under Feast's own time column, dask returns as-of for it and duckdb raises."""
    known = datetime(2020, 1, 1, tzinfo=UTC)
    table = pa.table(
        {
            "k": [1],
            "event_timestamp": pa.array([known], pa.timestamp("us", tz="UTC")),
            "at": pa.array([hours(-1)], pa.timestamp("us", tz="UTC")),
        }
    )
    key = entity()
    source = scratch.source("s", table, timestamp_field="at")
    scratch.store().apply(
        [
            key,
            FeatureView(
                name="fv", source=source, entities=[key], schema=[Field(name="event_timestamp", dtype=UnixTimestamp)]
            ),
        ]
    )
    side = read(scratch, spec("fv", {"event_timestamp": "UnixTimestamp"}, {"k": "Int64"}), rows(k=[1]))
    assert values(side) == [known], column(side, "error")


def test_a_query_that_raises_is_every_rows_error(scratch: Scratch) -> None:
    view = applied(scratch, events([hours(-1)], k=[1], x=[1.0]), Field(name="x", dtype=Float64))
    (scratch.folder / "s.parquet").unlink()
    side = read(scratch, view, rows(k=[1, 2]))
    assert column(side, "returned") == [False, False]
    assert values(side) == [None, None]
    (error,) = set(column(side, "error"))
    assert error and "\n" not in error and len(error) <= 300


def test_a_feature_that_the_answer_lacks_is_absent(scratch: Scratch) -> None:
    applied(scratch, events([hours(-1)], k=[1], x=[1.0]), Field(name="x", dtype=Float64))
    view = spec("fv", {"x": "Float64", "gone": "Float64"}, {"k": "Int64"})
    side = read(scratch, view, rows(k=[1]), ["fv:x"])
    assert list(side.absent) == [1]
    assert values(side, 0) == [1.0]


def test_what_a_frame_would_lose_is_noted(scratch: Scratch) -> None:
    """FEAST.md 1.4: beside a null, dask has lost the digits already and duckdb's frame loses them."""
    table = events([hours(-1)] * 3, k=[1, 2, 3], x=[2**53 + 1, None, 5], y=[2**53 + 1, 2**53 + 3, 5])
    view = applied(scratch, table, Field(name="x", dtype=Int64), Field(name="y", dtype=Int64))
    side = read(scratch, view, rows(k=[1, 2, 3]))
    frame = rows(k=[1, 2, 3]).drop(["row_id"]).rename_columns(["k", "event_timestamp"]).to_pandas()
    framed = scratch.store().get_historical_features(entity_df=frame, features=refs(view)).to_df().set_index("k")
    noted = {note.partition(": ")[0] for note in side.notes}
    lost = {f"fv:{name}" for i, name in enumerate("xy") if int(framed.loc[1, name]) != values(side, i)[0]}
    assert noted == lost == ({"fv:x"} if scratch.offline == "duckdb" else set())


def test_types_that_the_store_changes_are_returned_as_changed(tmp_path: Path) -> None:
    for offline, expected in (("dask", pa.float64()), ("duckdb", pa.int32())):
        scratch = Scratch(tmp_path / offline, offline)
        table = events([hours(-1)] * 2, k=[1, 2], x=pa.array([1, None], pa.int32()))
        view = applied(scratch, table, Field(name="x", dtype=Int32))
        assert read(scratch, view, rows(k=[1, 2])).table.schema.field("v0").type == expected


def test_nothing_asked_is_nothing_answered(scratch: Scratch) -> None:
    view = applied(scratch, events([hours(-1)], k=[1], x=[b"1"]), Field(name="x", dtype=Bytes))
    side = read(scratch, view, rows(k=pa.array([], pa.int64())))
    assert side.table.num_rows == 0
