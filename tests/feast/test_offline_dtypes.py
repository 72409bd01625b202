"""What each offline store makes of a source column of each Feast dtype, and what is then served online."""

from __future__ import annotations

import decimal
import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from feast import Entity, FeatureView, Field, ValueType
from feast.types import (
    Array,
    Bool,
    Bytes,
    Decimal,
    Float32,
    Float64,
    Int32,
    Int64,
    Json,
    Map,
    PdfBytes,
    ScalarMap,
    Set,
    String,
    Struct,
    TimeUuid,
    UnixTimestamp,
    Uuid,
    ZonedTimestamp,
)

from skewguard.feature_store.offline import read_offline
from skewguard.feature_store.online import read_online
from tests.feast.reading import INSTANT, NOON, OFFLINE_STORES, Scratch, column, events, hours, refs, rows, spec, values

pytestmark = pytest.mark.feast

UPPER = "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"
THEN = datetime(2026, 2, 1, 3, 4, 5, 678901, tzinfo=UTC)
WHOLE = THEN.replace(microsecond=0)
TENTH = 0.10000000149011612
ONE = pa.struct([("a", pa.int64())])
AGREED = object()
RAISES = object()


@dataclass(frozen=True)
class Case:
    """A source column; what duckdb, dask and the online store give for it. AGREED: the source's own values."""

    dtype: Any
    source: pa.Array
    duckdb: Any = AGREED
    dask: Any = AGREED
    online: Any = AGREED


CASES = {
    "int32": Case(Int32, pa.array([1, None, 0], pa.int32())),
    "int64": Case(Int64, pa.array([2**60 + 1, None, 0]), dask=[2.0**60, None, 0.0], online=[2**60, None, 0]),
    "int64_full": Case(Int64, pa.array([2**60 + 1, 1, 0])),
    "cut": Case(Int64, pa.array([7.9, -7.9, 0.0]), online=[7, -7, 0]),
    "float32": Case(Float32, pa.array([0.1, None, 1e40]), online=[TENTH, None, float("inf")]),
    "float64": Case(Float64, pa.array([0.1, None, float("-inf")])),
    "bool": Case(Bool, pa.array([True, None, False])),
    "string": Case(String, pa.array(['it\'s "q" <b>ü</b>', None, ""])),
    "text_of_ints": Case(String, pa.array([1, None, 2]), dask=[1.0, None, 2.0], online=["1.0", None, "2.0"]),
    "bytes": Case(Bytes, pa.array([b"\x00\xff", None, b""])),
    "pdf": Case(PdfBytes, pa.array([b"%PDF", None, b""])),
    "time": Case(UnixTimestamp, pa.array([THEN, None, WHOLE], INSTANT), online=[WHOLE, None, WHOLE]),
    "uuid": Case(Uuid, pa.array([UPPER, None, UPPER.lower()]), online=[UPPER.lower(), None, UPPER.lower()]),
    "time_uuid": Case(TimeUuid, pa.array([UPPER, None, None]), online=[UPPER.lower(), None, None]),
    "decimal": Case(Decimal, pa.array([decimal.Decimal("1.10"), None, decimal.Decimal("-3.00")])),
    "decimal_text": Case(
        Decimal, pa.array(["1.10", None, "-3"]), online=[decimal.Decimal("1.10"), None, decimal.Decimal("-3")]
    ),
    "json": Case(Json, pa.array(['{"a": [1, 2.5, null]}', None, "null"])),
    "map": Case(Map, pa.array([{"a": 1}, {"a": 3}, {"a": 2}], ONE), online=['{"a":1}', '{"a":3}', '{"a":2}']),
    "map_null": Case(
        Map,
        pa.array([{"a": 1}, None, {"a": 2}], ONE),
        dask=[{"a": 1.0}, None, {"a": 2.0}],
        online=['{"a":1.0}', None, '{"a":2.0}'],
    ),
    "map_text": Case(Map, pa.array(['{"b": 1, "a": 2}', None, "{}"]), online=['{"a":2,"b":1}', None, "{}"]),
    "map_arrow": Case(
        Map,
        pa.array([[("a", "b")], None, []], pa.map_(pa.string(), pa.string())),
        dask=[[["a", "b"]], None, []],
        online=RAISES,
    ),
    "scalar_map": Case(
        ScalarMap, pa.array([[(1, "a")], None, []], pa.map_(pa.int64(), pa.string())), dask=RAISES, online=RAISES
    ),
    "struct": Case(
        Struct({"s": String}), pa.array([{"s": "x"}, None, {"s": None}]), online=['{"s":"x"}', None, '{"s":null}']
    ),
    "zoned": Case(ZonedTimestamp, pa.array([THEN, None, THEN], INSTANT), online=RAISES),
    "ints": Case(Array(Int64), pa.array([[2**53 + 1], None, []], pa.list_(pa.int64()))),
    "floats": Case(
        Array(Float32), pa.array([[0.1, 2.0], None, []], pa.list_(pa.float64())), online=[[TENTH, 2.0], None, []]
    ),
    "strings": Case(Array(String), pa.array([["x", None], None, []]), online=[["x", ""], None, []]),
    "bools": Case(Array(Bool), pa.array([[True, False], None, []])),
    "blobs": Case(Array(Bytes), pa.array([[b"a"], None, []])),
    "stamps": Case(
        Array(UnixTimestamp),
        pa.array([[THEN], None, []], pa.list_(INSTANT)),
        dask=[[THEN.replace(tzinfo=None)], None, []],
        online=[[WHOLE], None, []],
    ),
    "uuids": Case(Array(Uuid), pa.array([[UPPER], None, []]), online=[[UPPER.lower()], None, []]),
    "decimals": Case(Array(Decimal), pa.array([["1.5"], None, []])),
    "jsons": Case(Array(Json), pa.array([['{"a":1}'], None, []])),
    "maps": Case(Array(Map), pa.array([[{"a": 1}], None, []], pa.list_(ONE)), online=RAISES),
    "structs": Case(
        Array(Struct({"a": Int64})), pa.array([[{"a": 1}], None, []], pa.list_(ONE)), online=['[{"a":1}]', None, "[]"]
    ),
    "nested": Case(
        Array(Array(Int64)),
        pa.array([[[1], [2, 3]], None, [[]]], pa.list_(pa.list_(pa.int64()))),
        online=["[[1],[2,3]]", None, "[null]"],
    ),
    "set": Case(Set(Int64), pa.array([[2, 2], None, []], pa.list_(pa.int64())), online=[[2], None, []]),
    "string_set": Case(Set(String), pa.array([["b", "b"], None, []]), online=[["b"], None, []]),
}


@pytest.fixture(scope="module", params=OFFLINE_STORES)
def stores(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any, Any]:
    """One view for each case, over one source; those that Feast cannot materialize are left as they are."""
    made = Scratch(tmp_path_factory.mktemp(request.param), request.param)
    key = Entity(name="k", join_keys=["k"], value_type=ValueType.INT64)
    source = made.source(
        "s", events([hours(-2)] * 3, k=[1, 2, 3], **{name: case.source for name, case in CASES.items()})
    )
    views = [
        FeatureView(name=f"of_{name}", source=source, entities=[key], schema=[Field(name=name, dtype=case.dtype)])
        for name, case in CASES.items()
    ]
    store = made.store()
    store.apply([key, *views])
    good = [f"of_{name}" for name, case in CASES.items() if case.online is not RAISES]
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        store.materialize(hours(-10), NOON, feature_views=good)
    return request.param, made.store(), made.store()


@pytest.mark.parametrize("name", CASES)
def test_dtype(stores: tuple[str, Any, Any], name: str) -> None:
    case = CASES[name]
    offline_store, training, serving = stores
    view = spec(f"of_{name}", {name: str(case.dtype)}, {"k": "Int64"})
    asked = rows(k=[1, 2, 3])
    offline = read_offline(training, view, refs(view), asked)
    expected = case.dask if offline_store == "dask" else case.duckdb
    if expected is RAISES:
        assert all(column(offline, "error"))
    else:
        assert values(offline) == (case.source.to_pylist() if expected is AGREED else expected)
    if case.online is RAISES:
        with (
            pytest.raises((TypeError, pa.ArrowException)),
            redirect_stdout(io.StringIO()),
            redirect_stderr(io.StringIO()),
        ):
            serving.materialize(hours(-10), NOON, feature_views=[f"of_{name}"])
        return
    online = read_online(serving, view, refs(view), asked)
    assert values(online) == (case.source.to_pylist() if case.online is AGREED else case.online)
    assert column(online, "returned") == [True] * 3


def test_every_dtype_has_a_case() -> None:
    from feast.types import PrimitiveFeastType

    said = " ".join(str(case.dtype) for case in CASES.values())
    assert {each for each in map(str, PrimitiveFeastType) if each not in said} == {"Invalid", "ImageBytes"}
