"""Every protobuf field of an online value becomes an Arrow value of its own type; nulls and mixtures survive."""

from __future__ import annotations

import decimal
import uuid
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from feast.protos.feast.types.Value_pb2 import Null
from feast.protos.feast.types.Value_pb2 import Value as ValueProto
from feast.type_map import NULL_TIMESTAMP_INT_VALUE, python_values_to_proto_values
from feast.value_type import ValueType

from skewguard.feature_store.canonical import canonical_json
from skewguard.feature_store.decode import decode, joined

pytestmark = pytest.mark.feast

UPPER = "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"
THEN = datetime(2026, 2, 1, 3, 4, 5, tzinfo=UTC)
SECONDS = pa.timestamp("s", tz="UTC")
FLOAT_TENTH = 0.10000000149011612

FLAT = {
    ValueType.INT32: ([0, -7, None], pa.int32(), [0, -7, None]),
    ValueType.INT64: ([0, 2**53 + 1, None], pa.int64(), [0, 2**53 + 1, None]),
    ValueType.FLOAT: ([0.0, 0.1, None], pa.float32(), [0.0, FLOAT_TENTH, None]),
    ValueType.DOUBLE: ([0.0, 0.1, None], pa.float64(), [0.0, 0.1, None]),
    ValueType.BOOL: ([False, True, None], pa.bool_(), [False, True, None]),
    ValueType.STRING: (["", "ü' \"<b>", None], pa.string(), ["", "ü' \"<b>", None]),
    ValueType.BYTES: ([b"", b"\x00\xff", None], pa.binary(), [b"", b"\x00\xff", None]),
    ValueType.PDF_BYTES: ([b"", b"%PDF", None], pa.binary(), [b"", b"%PDF", None]),
    ValueType.UNIX_TIMESTAMP: (
        [datetime(1970, 1, 1, tzinfo=UTC), THEN, None],
        SECONDS,
        [datetime(1970, 1, 1, tzinfo=UTC), THEN, None],
    ),
    ValueType.UUID: ([uuid.UUID(UPPER), UPPER, None], pa.string(), [UPPER.lower(), UPPER.lower(), None]),
    ValueType.TIME_UUID: ([UPPER, None], pa.string(), [UPPER.lower(), None]),
    ValueType.DECIMAL: (
        [decimal.Decimal("1.10"), decimal.Decimal("-3"), None],
        pa.decimal128(3, 2),
        [decimal.Decimal("1.10"), decimal.Decimal("-3.00"), None],
    ),
    ValueType.JSON: (['{"b": 1, "a": null}', {"a": 1}, None], pa.string(), ['{"b": 1, "a": null}', '{"a": 1}', None]),
    ValueType.INT32_LIST: ([[1, 2], [], None], pa.list_(pa.int32()), [[1, 2], [], None]),
    ValueType.INT64_LIST: ([[2**53 + 1], [], None], pa.list_(pa.int64()), [[2**53 + 1], [], None]),
    ValueType.FLOAT_LIST: (
        [[0.1, float("inf")], [], None],
        pa.list_(pa.float32()),
        [[FLOAT_TENTH, float("inf")], [], None],
    ),
    ValueType.DOUBLE_LIST: ([[0.1], [], None], pa.list_(pa.float64()), [[0.1], [], None]),
    ValueType.BOOL_LIST: ([[False, True], [], None], pa.list_(pa.bool_()), [[False, True], [], None]),
    ValueType.STRING_LIST: ([["", "x"], [], None], pa.list_(pa.string()), [["", "x"], [], None]),
    ValueType.BYTES_LIST: ([[b"", b"\xff"], [], None], pa.list_(pa.binary()), [[b"", b"\xff"], [], None]),
    ValueType.JSON_LIST: ([['{"a": 1}'], [], None], pa.list_(pa.string()), [['{"a": 1}'], [], None]),
    ValueType.UUID_LIST: ([[UPPER], [], None], pa.list_(pa.string()), [[UPPER.lower()], [], None]),
    ValueType.DECIMAL_LIST: ([[decimal.Decimal("1.5")], [], None], pa.list_(pa.string()), [["1.5"], [], None]),
    ValueType.UNIX_TIMESTAMP_LIST: ([[THEN], [], None], pa.list_(SECONDS), [[THEN], [], None]),
    ValueType.INT64_SET: ([{5}, set(), None], pa.list_(pa.int64()), [[5], [], None]),
    ValueType.STRING_SET: ([{"x"}, set(), None], pa.list_(pa.string()), [["x"], [], None]),
    ValueType.UNIX_TIMESTAMP_SET: ([{THEN}, set(), None], pa.list_(SECONDS), [[THEN], [], None]),
}

NESTED = {
    ValueType.MAP: ([{"b": [1, 2], "a": {"x": b"\xff"}}, {}, None], ['{"a":{"x":"/w=="},"b":[1,2]}', "{}", None]),
    ValueType.STRUCT: ([{"n": 1, "s": None}, None], ['{"n":1,"s":null}', None]),
    ValueType.MAP_LIST: ([[{"a": 1}], None], ['[{"a":1}]', None]),
    ValueType.STRUCT_LIST: ([[{"a": 1.5}], None], ['[{"a":1.5}]', None]),
    ValueType.SCALAR_MAP: ([{7: "x", 8: None}, {True: 1}, None], ['{"7":"x","8":null}', '{"true":1}', None]),
    ValueType.VALUE_LIST: ([[[1, 2], [3]], None], ["[[1,2],[3]]", None]),
    ValueType.VALUE_SET: ([[["a"]], None], ['[["a"]]', None]),
}


@pytest.mark.parametrize("value_type", FLAT, ids=lambda each: each.name)
def test_flat_values_keep_their_type_and_zero_is_not_null(value_type: ValueType) -> None:
    given, arrow_type, expected = FLAT[value_type]
    column = decode(python_values_to_proto_values(given, value_type))
    assert column.type == arrow_type
    assert column.to_pylist() == expected


@pytest.mark.parametrize("value_type", NESTED, ids=lambda each: each.name)
def test_nested_values_are_json_text(value_type: ValueType) -> None:
    given, expected = NESTED[value_type]
    column = decode(python_values_to_proto_values(given, value_type))
    assert column.type == pa.string()
    assert column.to_pylist() == expected


def test_zoned_timestamp_is_its_instant() -> None:
    values = [*python_values_to_proto_values([THEN], ValueType.ZONED_TIMESTAMP), ValueProto()]
    column = decode(values)
    assert [each and each.timestamp() for each in column.to_pylist()] == [THEN.timestamp(), None]


def test_every_field_of_the_protobuf_is_decoded() -> None:
    from skewguard.feature_store import decode as module

    fields = {field.name for field in ValueProto.DESCRIPTOR.oneofs_by_name["val"].fields}
    known = {*module.NUMBERS, *module.TEXTS, *module.LISTS, *module.NESTED}
    assert fields - known == {"null_val", "zoned_timestamp_val"}


def test_null_time_is_null_alone_and_in_a_list() -> None:
    sentinel = int(NULL_TIMESTAMP_INT_VALUE)
    alone = ValueProto(unix_timestamp_val=sentinel)
    inside = ValueProto()
    inside.unix_timestamp_list_val.val.extend([sentinel, 5])
    assert decode([alone, ValueProto(unix_timestamp_val=5)]).null_count == 1
    assert decode([inside]).to_pylist() == [[None, datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC)]]


@pytest.mark.parametrize("far", [1704067200000000000, 1704067200000000, -(2**62), 9223372036855, -9223372022401])
def test_times_beyond_those_of_duckdb_are_whole_seconds(far: int) -> None:
    """Nanoseconds that were taken for seconds: DuckDB has no such time, and one of them ended the whole check."""
    absent, null = ValueProto(), ValueProto(unix_timestamp_val=NULL_TIMESTAMP_INT_VALUE)
    near, beyond = ValueProto(unix_timestamp_val=5), ValueProto(unix_timestamp_val=far)
    assert decode([near, absent, null]).type == SECONDS
    column = decode([near, absent, null, beyond])
    assert (column.type, column.to_pylist()) == (pa.int64(), [5, None, None, far])
    lists = [ValueProto(), ValueProto()]
    lists[0].unix_timestamp_list_val.val.extend([5, NULL_TIMESTAMP_INT_VALUE, far])
    assert decode(lists).to_pylist() == [[5, None, far], None]
    assert joined([decode([near, absent]), column]).to_pylist() == [5, None, 5, None, None, far]


@pytest.mark.parametrize("last", [253402300800, -62135596801, 9223372036854, -9223372022400])
def test_all_times_of_duckdb_are_times(last: int) -> None:
    column = decode([ValueProto(unix_timestamp_val=last)])
    assert (column.type, column.cast(pa.int64()).to_pylist()) == (SECONDS, [last])


def test_nan_is_kept() -> None:
    column = decode([ValueProto(double_val=float("nan")), ValueProto(double_val=1.0)])
    assert column.null_count == 0
    assert str(column.to_pylist()[0]) == "nan"


def test_a_column_without_values_has_no_type() -> None:
    assert decode([ValueProto(), ValueProto(null_val=Null.NULL)]).type == pa.null()
    assert len(decode([])) == 0


@pytest.mark.parametrize(
    ("values", "arrow_type", "expected"),
    [
        ([ValueProto(double_val=1.5), ValueProto(int64_val=0), ValueProto()], pa.float64(), [1.5, 0.0, None]),
        ([ValueProto(float_val=0.5), ValueProto(double_val=0.1)], pa.float64(), [0.5, 0.1]),
        ([ValueProto(int64_val=7), ValueProto(string_val="x")], pa.string(), ["7", '"x"']),
        ([ValueProto(double_val=0.5), ValueProto(int64_val=2**53 + 1)], pa.string(), ["0.5", str(2**53 + 1)]),
    ],
    ids=["double and int", "float and double", "int and text", "beyond a double"],
)
def test_stale_values_of_another_type_are_not_lost(
    values: list[ValueProto], arrow_type: pa.DataType, expected: list[object]
) -> None:
    column = decode(values)
    assert (column.type, column.to_pylist()) == (arrow_type, expected)


def test_text_that_is_no_uuid_or_decimal_stays_text() -> None:
    assert decode([ValueProto(uuid_val="not one")]).to_pylist() == ["not one"]
    assert decode([ValueProto(decimal_val="NaN"), ValueProto(decimal_val="1.0")]).to_pylist() == ["NaN", "1.0"]


def test_chunks_are_joined_at_a_type_that_holds_them() -> None:
    typed = joined([pa.nulls(1), pa.array([1], pa.int32()), pa.nulls(1)])
    assert (typed.type, typed.to_pylist()) == (pa.int32(), [None, 1, None])
    assert joined([pa.nulls(2)]).type == pa.null()
    wider = joined([pa.array([1], pa.int64()), pa.array([0.5])])
    assert (wider.type, wider.to_pylist()) == (pa.float64(), [1.0, 0.5])
    decimals = joined([pa.array([decimal.Decimal("1.5")]), pa.array([decimal.Decimal("10.25")])])
    assert decimals.to_pylist() == [decimal.Decimal("1.5"), decimal.Decimal("10.25")]
    mixed = joined([pa.array([1], pa.int64()), pa.array([[1]])])
    assert mixed.to_pylist() == ["1", "[1]"]


def test_canonical_json_does_not_depend_on_order_or_class() -> None:
    import numpy as np

    assert canonical_json({"b": {3, 1}, "a": np.array([1.5])}) == canonical_json({"a": [1.5], "b": [1, 3]})
    assert canonical_json([float("nan"), float("inf"), -float("inf")]) == '["NaN","Infinity","-Infinity"]'
    assert canonical_json({THEN: THEN}) == '{"2026-02-01T03:04:05+00:00":"2026-02-01T03:04:05+00:00"}'
    assert canonical_json({"a": 1}) != canonical_json({"a": 2})
