"""Served values arrive as they are stored, from SQLite and from a real Redis, and one bad row spoils no other."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from feast import Entity, FeatureService, FeatureView, Field, ValueType
from feast.protos.feast.types.EntityKey_pb2 import EntityKey
from feast.protos.feast.types.Value_pb2 import Value
from feast.types import Array, Bool, Float32, Float64, Int32, Int64, Json, Map, Set, String, UnixTimestamp, Uuid

from skewguard.feature_store import online
from skewguard.feature_store.online import read_online
from skewguard.model import ViewSpec
from tests.feast.reading import INSTANT, NOON, Scratch, column, events, hours, refs, rows, spec, values

pytestmark = pytest.mark.feast


@pytest.fixture(params=["sqlite", pytest.param("redis", marks=pytest.mark.redis)])
def scratch(request: pytest.FixtureRequest, tmp_path: Path) -> Scratch:
    if request.param == "sqlite":
        return Scratch(tmp_path)
    address = request.getfixturevalue("redis_server")
    store = Scratch(tmp_path, online={"type": "redis", "connection_string": address})
    # Tests share the server: each has a project, and so keys, of its own.
    store.project = f"p_{tmp_path.name}"
    return store


def materialized(scratch: Scratch, table: pa.Table, *features: Field, key: Entity | None = None) -> ViewSpec:
    """One view `fv` over `table`, keyed by `k`, materialized up to NOON."""
    key = key or Entity(name="k", join_keys=["k"], value_type=ValueType.INT64)
    view = FeatureView(
        name="fv", source=scratch.source("s", table), entities=[key], schema=list(features), ttl=timedelta(days=1)
    )
    store = scratch.store()
    store.apply([key, view])
    store.materialize(hours(-1000), NOON)
    return spec("fv", {field.name: str(field.dtype) for field in features}, {"k": "Int64"})


def read(scratch: Scratch, view: ViewSpec, table: pa.Table, request: Any = None, **options: Any) -> Any:
    return read_online(scratch.store(), view, request or refs(view), table, **options)


SHAPES = {
    "i32": (Int32, pa.array([1, None, 0], pa.int32()), pa.int32()),
    "f32": (Float32, pa.array([0.1, None, 1e40]), pa.float32()),
    "f64": (Float64, pa.array([0.1, float("nan"), 0.0]), pa.float64()),
    "flag": (Bool, pa.array([True, None, False]), pa.bool_()),
    "text": (String, pa.array(["it's <b>", None, ""]), pa.string()),
    "time": (
        UnixTimestamp,
        pa.array([hours(-9), None, datetime(1970, 1, 1, tzinfo=UTC)], INSTANT),
        pa.timestamp("s", tz="UTC"),
    ),
    "uuid": (Uuid, pa.array(["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", None, None]), pa.string()),
    "json": (Json, pa.array(['{"a": [1]}', None, "{}"]), pa.string()),
    "map": (Map, pa.array(['{"a": 1}', None, "{}"]), pa.string()),
    "list": (Array(Float32), pa.array([[0.5], None, []], pa.list_(pa.float32())), pa.list_(pa.float32())),
    "bag": (Set(String), pa.array([["a", "a"], None, []], pa.list_(pa.string())), pa.list_(pa.string())),
}


def test_every_dtype_as_a_client_of_feast_sees_it(scratch: Scratch) -> None:
    table = events([hours(-1)] * 3, k=[1, 2, 3], **{name: given for name, (_, given, _) in SHAPES.items()})
    fields = [Field(name=name, dtype=dtype) for name, (dtype, _, _) in SHAPES.items()]
    view = materialized(scratch, table, *fields)
    side = read(scratch, view, rows(k=[3, 1, 2, 4]))
    seen = (
        scratch.store().get_online_features(features=refs(view), entity_rows=[{"k": k} for k in (3, 1, 2, 4)]).to_dict()
    )
    for index, (name, (_, _, arrow_type)) in enumerate(SHAPES.items()):
        assert side.table.schema.field(f"v{index}").type == arrow_type, name
        assert [value is None for value in values(side, index)] == [value is None for value in seen[name]], name
        if not pa.types.is_nested(arrow_type) and name not in ("uuid", "json", "map"):
            assert values(side, index) == seen[name], name
    assert column(side, "returned") == [True, True, True, False]
    assert column(side, "event_timestamp") == [hours(-1)] * 3 + [None]
    assert column(side, "row_id") == [3, 5, 7, 9]
    assert column(side, "error") == [None] * 4


def test_a_null_is_not_a_missing_row(scratch: Scratch) -> None:
    """FEAST.md 0.3: Redis gives a missing entity the status PRESENT, SQLite NOT_FOUND."""
    view = materialized(
        scratch, events([hours(-1)], k=[1], x=pa.array([None], pa.float64())), Field(name="x", dtype=Float64)
    )
    side = read(scratch, view, rows(k=[1, 2]))
    assert values(side) == [None, None]
    assert column(side, "returned") == [True, False]
    assert column(side, "event_timestamp") == [hours(-1), None]


def test_expired_values_are_served(scratch: Scratch) -> None:
    """FEAST.md 0.2: online, no TTL is applied."""
    view = materialized(scratch, events([hours(-30)], k=[1], x=[1.0]), Field(name="x", dtype=Float64))
    assert values(read(scratch, view, rows(k=[1]))) == [1.0]


def test_chunks_and_equal_rows_change_nothing(scratch: Scratch) -> None:
    size = 23
    table = events([hours(-1)] * size, k=list(range(size)), x=[float(k) for k in range(size)])
    view = materialized(scratch, table, Field(name="x", dtype=Float64))
    asked = [(7 * i) % 30 for i in range(40)]
    paused: list[int] = []
    whole = read(scratch, view, rows(k=asked))
    parts = read(scratch, view, rows(k=asked), batch=7, pause=paused.append)
    assert whole.table.equals(parts.table)
    assert values(whole) == [float(k) if k < size else None for k in asked]
    assert paused == [7, 7, 7, 7, 7, 5]


@pytest.mark.parametrize(
    ("value_type", "keys", "missing"),
    [
        (ValueType.INT32, pa.array([1, 2], pa.int64()), pa.array([3], pa.int64())),
        (ValueType.STRING, pa.array(["it's \"q\"", "日本"]), pa.array([""])),
        (ValueType.STRING, pa.array([1, 2], pa.int64()), pa.array([3], pa.int64())),
        (ValueType.INT64, pa.array([1.0, 2.0]), pa.array([3.0])),
        (ValueType.BYTES, pa.array([b"\x00\xff", b"'"]), pa.array([b"x"])),
        (ValueType.UNIX_TIMESTAMP, pa.array([hours(-100), hours(-99)], INSTANT), pa.array([NOON], INSTANT)),
    ],
    ids=["int32", "text", "int as text", "double as int", "bytes", "time"],
)  # fmt: skip
def test_keys_of_every_type_find_what_was_materialized(
    scratch: Scratch, value_type: ValueType, keys: pa.Array, missing: pa.Array
) -> None:
    key = Entity(name="k", join_keys=["k"], value_type=value_type)
    view = materialized(scratch, events([hours(-1)] * 2, k=keys, x=[1.0, 2.0]), Field(name="x", dtype=Float64), key=key)
    side = read(scratch, view, rows(k=pa.concat_arrays([keys.take([1, 0]), missing])))
    assert values(side) == [2.0, 1.0, None]


def test_composite_keys_and_aliases(scratch: Scratch) -> None:
    one, two = (Entity(name=name, join_keys=[name], value_type=ValueType.INT64) for name in ("a", "b"))
    source = scratch.source("s", events([hours(-1)] * 2, a=[1, 1], b=[1, 2], x=[1.0, 2.0]))
    view = FeatureView(name="fv", source=source, entities=[two, one], schema=[Field(name="x", dtype=Float64)])
    service = FeatureService(name="s", features=[view.with_name("peer").with_join_key_map({"a": "peer_a"})])
    store = scratch.store()
    store.apply([one, two, view, service])
    store.materialize(hours(-100), NOON)
    direct = read(scratch, spec("fv", {"x": "Float64"}, {"a": "Int64", "b": "Int64"}), rows(b=[2, 1, 3], a=[1, 1, 1]))
    assert values(direct) == [2.0, 1.0, None]
    peer = spec("peer", {"x": "Float64"}, {"peer_a": "Int64", "b": "Int64"}, base="fv")
    assert values(read(scratch, peer, rows(peer_a=[1, 1], b=[2, 3]), service)) == [2.0, None]


def test_a_view_without_entities(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, "dask")  # FEAST.md 1.2: under duckdb such a view does not materialize
    source = scratch.source("s", events([hours(-2), hours(-1)], x=[1.0, 2.0]))
    store = scratch.store()
    store.apply([FeatureView(name="fv", source=source, entities=[], schema=[Field(name="x", dtype=Float64)])])
    store.materialize(hours(-100), NOON)
    side = read(scratch, spec("fv", {"x": "Float64"}), rows())
    assert (values(side), column(side, "returned")) == ([2.0], [True])


def test_a_feature_named_like_a_key_is_not_mixed_up_with_it(scratch: Scratch) -> None:
    view = materialized(scratch, events([hours(-1)], k=[1], x=[1.0]), Field(name="x", dtype=Float64))
    source = scratch.source("s2", events([hours(-1)], k=[1], k_named=[8]), field_mapping={})
    key = Entity(name="k_named", join_keys=["k_named"], value_type=ValueType.INT64)
    store = scratch.store()
    base = Entity(name="k", join_keys=["k"], value_type=ValueType.INT64)
    named = FeatureView(name="named", source=source, entities=[base], schema=[Field(name="k_named", dtype=Int64)])
    store.apply([base, key, named])
    store.materialize(hours(-100), NOON)
    assert values(read(scratch, view, rows(k=[1]))) == [1.0]
    assert values(read(scratch, spec("named", {"k_named": "Int64"}, {"k": "Int64"}), rows(k=[1]))) == [8]


def test_a_feature_that_is_its_own_views_key(scratch: Scratch) -> None:
    """FEAST.md 6: the features of a stream view can list its join key."""
    key = Entity(name="k", join_keys=["k"], value_type=ValueType.INT64)
    source = scratch.source("s", events([hours(-1)], k=[1], copy=[5], x=[1.0]), field_mapping={"copy": "k_copy"})
    fields = [Field(name="x", dtype=Float64), Field(name="k_copy", dtype=Int64)]
    view = FeatureView(name="fv", source=source, entities=[key], schema=fields)
    service = FeatureService(name="s", features=[view.with_name("peer").with_join_key_map({"k": "k_copy"})])
    store = scratch.store()
    store.apply([key, view, service])
    store.materialize(hours(-100), NOON)
    for name in ("peer", "fv by k_copy"):
        peer = spec(name, {"x": "Float64", "k_copy": "Int64"}, {"k_copy": "Int64"}, base="fv")
        side = read(scratch, peer, rows(k_copy=[1, 2]), service)
        assert (values(side, 0), values(side, 1), dict(side.absent)) == ([1.0, None], [5, None], {})


def test_one_bad_key_is_one_error(scratch: Scratch) -> None:
    view = materialized(
        scratch,
        events([hours(-1)] * 20, k=list(range(20)), x=[float(k) for k in range(20)]),
        Field(name="x", dtype=Float64),
    )
    asked = pa.array([*(str(k) for k in range(9)), "no number", *(str(k) for k in range(9, 20))])
    side = read(scratch, view, rows(k=asked), batch=8)
    errors = column(side, "error")
    assert [i for i, error in enumerate(errors) if error] == [9]
    assert errors[9].startswith("ValueError: ")
    assert [value for value in values(side) if value is not None] == [float(k) for k in range(20)]
    assert column(side, "returned") == [error is None for error in errors]


def test_the_search_for_bad_keys_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = Scratch(tmp_path)
    view = materialized(scratch, events([hours(-1)], k=[1], x=[1.0]), Field(name="x", dtype=Float64))
    monkeypatch.setattr(online, "EXTRA_REQUESTS", 4)
    requests: list[int] = []
    side = read(scratch, view, rows(k=pa.array(["bad"] * 64)), pause=requests.append)
    assert len(requests) <= 1 + 4
    assert all(column(side, "error"))
    assert any("in a request of" in error for error in column(side, "error"))


def test_a_store_that_does_not_answer_is_raised(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    scratch = Scratch(tmp_path)
    view = materialized(scratch, events([hours(-1)], k=[1], x=[1.0]), Field(name="x", dtype=Float64))
    gone = Scratch(tmp_path, online={"type": "redis", "connection_string": f"127.0.0.1:{port}"})
    with pytest.raises(Exception, match="onnect"):
        read(gone, view, rows(k=[1]))


def test_values_stored_under_an_earlier_dtype(scratch: Scratch) -> None:
    """FEAST.md 1.3: after a change of dtype the store still serves what it has."""
    view = materialized(scratch, events([hours(-1)] * 2, k=[1, 2], x=[1.5, 2.5]), Field(name="x", dtype=Float64))
    key = Entity(name="k", join_keys=["k"], value_type=ValueType.INT64)
    store = scratch.store()
    changed = FeatureView(
        name="fv",
        source=store.get_data_source("s"),
        entities=[key],
        schema=[Field(name="x", dtype=Int64), Field(name="late", dtype=Int64)],
        ttl=timedelta(days=1),
    )
    store.apply([key, changed])
    written = EntityKey(join_keys=["k"], entity_values=[Value(int64_val=2)])
    provider = store._get_provider()
    provider.online_write_batch(
        store.config, store.get_feature_view("fv"), [(written, {"x": Value(int64_val=7)}, hours(0), None)], None
    )
    view = spec("fv", {"x": "Int64", "late": "Int64"}, {"k": "Int64"})
    side = read(scratch, view, rows(k=[1, 2]), batch=1)
    assert values(side, 0) == [1.5, 7.0]
    # A feature that was added later is null in a row that is there.
    assert (values(side, 1), column(side, "returned"), side.absent) == ([None, None], [True, True], {})


def test_a_feature_that_the_answer_lacks_is_absent(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    materialized(scratch, events([hours(-1)], k=[1], x=[1.0]), Field(name="x", dtype=Float64))
    view = spec("fv", {"gone": "Float64", "x": "Float64"}, {"k": "Int64"})
    side = read(scratch, view, rows(k=[1]), ["fv:x"])
    assert (list(side.absent), values(side, 1)) == ([0], [1.0])


def test_nothing_asked_is_nothing_answered(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    view = materialized(scratch, events([hours(-1)], k=[1], x=[1.0]), Field(name="x", dtype=Float64))
    side = read(scratch, view, rows(k=pa.array([], pa.int64())))
    assert (side.table.num_rows, dict(side.absent)) == (0, {})
