"""Three sides of one view against each other: kinds, blame, counts, and what each cell shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from skewguard import sql
from skewguard.comparison.counted import Comparison, FeatureCounts
from skewguard.comparison.sides import compare_sides
from skewguard.equality.rules import rule_of
from skewguard.model import FeatureSpec, Side, ViewKind, ViewSpec

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
INSTANT = pa.timestamp("us", tz="UTC")


def view_of(dtypes: Sequence[str], name: str = "driver stats") -> ViewSpec:
    """A view with one feature of each dtype, under names that a query would choke on."""
    features = tuple(FeatureSpec(view=name, name=f's__"{i}" select', dtype=dtype) for i, dtype in enumerate(dtypes))
    return ViewSpec(name=name, base_name=name, kind=ViewKind.FEATURE_VIEW, join_keys=(), features=features)


def side_of(
    columns: Sequence[pa.Array],
    *,
    error: Sequence[str | None] | None = None,
    times: Sequence[datetime | None] | None = None,
    known: Mapping[int, Sequence[bool]] | None = None,
    absent: Mapping[int, str] | None = None,
) -> Side:
    """A side with these value columns; rows are numbered from 10."""
    size = len(columns[0])
    table = {"row_id": pa.array(range(10, 10 + size), pa.int64())}
    table |= {f"v{i}": column for i, column in enumerate(columns) if i not in (absent or {})}
    table |= {f"k{i}": pa.array(values) for i, values in (known or {}).items()}
    table["event_timestamp"] = pa.array(times or [NOON] * size, INSTANT)
    table["error"] = pa.array(error or [None] * size, pa.string())
    table["returned"] = pa.array([True] * size)
    return Side(table=pa.table(table), absent=absent or {})


def compared(
    dtypes: Sequence[str], *, source: Side | None = None, offline: Side, online: Side, **options: Any
) -> Comparison:
    """What the kernel says; without a source, every source value is unknown."""
    rows = offline.table.select(["row_id"])
    rules = [rule_of(dtype) for dtype in dtypes]
    return compare_sides(
        sql.connect(),
        view=view_of(dtypes),
        rules=rules,
        rows=rows,
        source=source,
        offline=offline,
        online=online,
        **options,
    )


def one(source: list[Any] | None, offline: list[Any], online: list[Any], arrow_type: Any = None) -> Comparison:
    """One Int64 feature."""
    columns = [
        None if each is None else side_of([pa.array(each, arrow_type or pa.int64())])
        for each in (source, offline, online)
    ]
    assert columns[1] is not None and columns[2] is not None
    return compared(["Int64"], source=columns[0], offline=columns[1], online=columns[2])


def counted(counts: FeatureCounts) -> dict[str, int]:
    """The counts that are not zero."""
    names = (
        "matched",
        "mismatched",
        "missing_online",
        "missing_offline",
        "serving_errors",
        "wrong_on_both",
        "not_compared",
    )
    return {name: getattr(counts, name) for name in names if getattr(counts, name)}


def test_all_alike_leaves_no_cell() -> None:
    found = one([1, None, 3], [1, None, 3], [1, None, 3])
    assert counted(found.counts[0]) == {"matched": 3}
    assert found.cells.num_rows == 0
    assert found.counts[0].feature == 'driver stats:s__"0" select'


def test_kinds_and_blame() -> None:
    found = one([1, 1, 1, 1, None, None], [1, 2, 2, 2, None, 5], [2, 1, 3, 2, 5, None])
    assert found.cells.select(["row_id", "kind", "blame", "skewed"]).to_pylist() == [
        {"row_id": 10, "kind": "mismatch", "blame": "online", "skewed": True},
        {"row_id": 11, "kind": "mismatch", "blame": "offline", "skewed": True},
        {"row_id": 12, "kind": "mismatch", "blame": "both", "skewed": True},
        {"row_id": 13, "kind": "wrong_on_both", "blame": "both", "skewed": False},
        {"row_id": 14, "kind": "missing_offline", "blame": "online", "skewed": True},
        {"row_id": 15, "kind": "missing_online", "blame": "offline", "skewed": True},
    ]
    assert counted(found.counts[0]) == {"mismatched": 3, "missing_online": 1, "missing_offline": 1, "wrong_on_both": 1}
    assert found.counts[0].skewed == 5


def test_without_a_source_value_nobody_is_to_blame() -> None:
    found = one(None, [1, 2], [1, 3])
    assert found.cells["blame"].to_pylist() == ["unknown"]
    source = side_of([pa.array([9, 9])], known={0: [False, False]})
    offline, online = side_of([pa.array([1, 2])]), side_of([pa.array([1, 3])])
    assert compared(["Int64"], source=source, offline=offline, online=online).cells["blame"].to_pylist() == ["unknown"]
    failed = side_of([pa.array([9, 9])], error=["no", "no"])
    assert counted(compared(["Int64"], source=failed, offline=offline, online=online).counts[0]) == {
        "matched": 1,
        "mismatched": 1,
    }


def test_errors_by_side() -> None:
    source = side_of([pa.array([1, 1, 1, 1])])
    offline = side_of([pa.array([1, None, None, 1])], error=[None, "offline broke", "both broke", None])
    online = side_of([pa.array([None, 1, None, 1])], error=["online broke", None, "online too", None])
    found = compared(["Int64"], source=source, offline=offline, online=online)
    assert found.cells.select(["kind", "blame", "reason", "skewed"]).to_pylist() == [
        {"kind": "serving_error", "blame": "online", "reason": "online broke", "skewed": True},
        {"kind": "not_compared", "blame": "unknown", "reason": "offline broke", "skewed": False},
        {"kind": "not_compared", "blame": "unknown", "reason": "both broke", "skewed": False},
    ]
    counts = found.counts[0]
    assert counted(counts) == {"matched": 1, "serving_errors": 1, "not_compared": 2}
    assert (counts.requested, counts.compared, counts.skewed) == (4, 2, 1)


def test_an_absent_feature_is_not_compared_and_the_others_are() -> None:
    offline = side_of([pa.array([1, 2]), pa.array([1, 2])])
    online = side_of([pa.array([1, 2]), pa.array([1, 2])], absent={1: "not in the answer"})
    found = compared(["Int64", "Int64"], offline=offline, online=online)
    assert [counted(each) for each in found.counts] == [{"matched": 2}, {"not_compared": 2}]
    assert set(found.cells["reason"].to_pylist()) == {"not in the answer"}
    assert not found.counts[1].all_null


def test_more_features_than_a_mask_has_bits() -> None:
    size = 130
    offline = side_of([pa.array([i, i]) for i in range(size)])
    online = side_of([pa.array([i, i + (i % 7 == 0)]) for i in range(size)])
    found = compared(["Int64"] * size, source=offline, offline=offline, online=online)
    assert [each.mismatched for each in found.counts] == [int(i % 7 == 0) for i in range(size)]
    assert set(found.cells["row_id"].to_pylist()) == {11}


def test_values_print_at_the_precision_that_shows_the_difference() -> None:
    offline = side_of([pa.array([0.1, 1.0]), pa.array([0.1, 1.0], pa.float32()), pa.array(["1", "x"])])
    online = side_of(
        [pa.array([0.2, 1.00004], pa.float32()), pa.array([0.2, 1.00004], pa.float32()), pa.array([True, True])]
    )
    cells = compared(["Float32", "Float32", "String"], offline=offline, online=online).cells
    shown = [(each["offline_value"], each["online_value"]) for each in cells.to_pylist()]
    assert shown == [
        ("0.1", "0.20000000298023224"),
        ("0.1", "0.2"),
        ("1", "true"),
        ("1.0", str(pa.scalar(1.00004, pa.float32()).as_py())),
        ("1.0", "1.00004"),
        ("x", "true"),
    ]


def test_values_that_would_print_alike_carry_their_types() -> None:
    offline, online = side_of([pa.array(["true", "a"])]), side_of([pa.array([True, None])])
    cells = compared(["Bool"], offline=offline, online=online).cells.to_pylist()
    assert (cells[0]["offline_value"], cells[0]["online_value"]) == ("true (VARCHAR)", "true (BOOLEAN)")
    assert (cells[1]["kind"], cells[1]["offline_value"], cells[1]["online_value"]) == ("missing_online", "a", None)


def test_errors_are_measured_over_finite_numbers() -> None:
    offline, online = side_of([pa.array([1.0, 2.0, 1e40, 4.0])]), side_of([pa.array([1.5, 5.0, float("inf"), None])])
    found = compared(["Float64"], offline=offline, online=online)
    assert (found.counts[0].max_abs_error, found.counts[0].mean_abs_error) == (3.0, 1.75)
    assert found.cells["abs_error"].to_pylist() == [0.5, 3.0, None, None]
    assert found.cells["rel_error"].to_pylist() == [0.5, 1.5, None, None]
    assert found.cells["online_number"].to_pylist() == [1.5, 5.0, float("inf"), None]


def test_the_difference_of_the_widest_integers() -> None:
    found = one([0], [2**63 - 1], [-(2**63)])
    assert found.counts[0].max_abs_error == 2.0**64


def test_integers_in_doubles_are_compared_exactly() -> None:
    offline, online = side_of([pa.array([2**53 + 1, 5])]), side_of([pa.array([2.0**53, 5.0])])
    found = compared(["Int64"], source=offline, offline=offline, online=online)
    assert counted(found.counts[0]) == {"matched": 1, "mismatched": 1}
    assert found.cells["abs_error"].to_pylist() == [1.0]
    assert found.cells.select(["offline_value", "online_value"]).to_pylist() == [
        {"offline_value": "9007199254740993", "online_value": "9007199254740992.0"}
    ]


def test_nested_values_and_text_of_them() -> None:
    maps = pa.array([[("a", 1), ("b", 2)], [("a", 1)], []], pa.map_(pa.string(), pa.int64()))
    texts = pa.array(['{"b":2.0,"a":1}', '{"a":2}', None])
    found = compared(["Map"], source=side_of([maps]), offline=side_of([maps]), online=side_of([texts]))
    assert counted(found.counts[0]) == {"matched": 1, "mismatched": 1, "missing_online": 1}
    assert found.cells["offline_value"].to_pylist() == ['{"a": 1}', "{}"]
    assert found.counts[0].notes == ("equal values in different forms: offline MAP(VARCHAR, BIGINT), online VARCHAR",)


@pytest.mark.parametrize(
    ("dtype", "offline", "online", "noted"),
    [
        ("Float32", pa.array([0.1]), pa.array([0.1], pa.float32()), True),
        ("Float32", pa.array([0.5]), pa.array([0.5], pa.float32()), False),
        ("Int64", pa.array([1]), pa.array([1], pa.int32()), False),
        ("Int64", pa.array([1]), pa.array([1.0]), True),
        ("Bool", pa.array([True]), pa.array([1]), True),
        ("Bool", pa.array([True]), pa.array([0]), False),
        ("Json", pa.array(['{"a":1}']), pa.array(['{"a": 1}']), True),
        (
            "Uuid",
            pa.array(["C0FFEE00-0000-4000-8000-000000000001"]),
            pa.array(["c0ffee00-0000-4000-8000-000000000001"]),
            True,
        ),
        ("UnixTimestamp", pa.array([NOON]), pa.array([NOON], pa.timestamp("s", "UTC")), False),
        (
            "UnixTimestamp",
            pa.array([NOON + timedelta(milliseconds=9)]),
            pa.array([NOON], pa.timestamp("s", "UTC")),
            True,
        ),
        (
            "UnixTimestamp",
            pa.array([NOON.date()]),
            pa.array([datetime(2024, 1, 1, tzinfo=UTC)], pa.timestamp("s", "UTC")),
            True,
        ),
        ("Array(Float32)", pa.array([[0.1]]), pa.array([[0.1]], pa.list_(pa.float32())), True),
        ("String", pa.array(["a"]), pa.array(["a"]), False),
    ],
)
def test_forms_leave_a_note(dtype: str, offline: pa.Array, online: pa.Array, noted: bool) -> None:
    found = compared([dtype], offline=side_of([offline]), online=side_of([online]))
    assert bool(found.counts[0].notes) is noted, found.counts[0].notes


def test_null_everywhere_is_noted() -> None:
    nulls = pa.array([None, float("nan")], pa.float64(), from_pandas=False)
    found = compared(
        ["Float64", "Float64"], offline=side_of([nulls, nulls]), online=side_of([pa.nulls(2), pa.array([None, 1.0])])
    )
    assert [each.all_null for each in found.counts] == [True, False]
    assert counted(found.counts[0]) == {"matched": 2}
    assert counted(found.counts[1]) == {"matched": 1, "missing_offline": 1}


def test_freshness_lag_and_what_it_excuses() -> None:
    source = side_of([pa.array([2, 2, 2, 1])], times=[NOON, NOON, NOON, NOON + timedelta(milliseconds=700)])
    online_times = [NOON - timedelta(hours=1), NOON - timedelta(minutes=1), None, NOON]
    online = side_of([pa.array([1, 1, None, 1])], times=online_times)
    found = compared(["Int64"], source=source, offline=source, online=online, freshness=[timedelta(minutes=1)])
    assert found.cells["skewed"].to_pylist() == [True, False, True]
    assert (found.counts[0].within_freshness, found.counts[0].skewed) == (1, 2)
    assert found.counts[0].max_freshness_lag == timedelta(hours=1)
    strict = compared(["Int64"], source=source, offline=source, online=online)
    assert (strict.counts[0].within_freshness, strict.counts[0].skewed) == (0, 3)


def test_types_that_duckdb_lacks_are_compared_all_the_same() -> None:
    clash = pa.StructArray.from_arrays([pa.array([1, 2]), pa.array([1, 2])], names=["a", "A"])
    halves = pa.array([0.5, 1.5], pa.float16())
    wide = pa.array([1, None], pa.decimal256(50, 2))
    words = pa.array(["a", "b"]).dictionary_encode()
    dtypes = ["Struct({a: Int64, A: Int64})", "Float32", "Decimal", "String"]
    offline = side_of([clash, halves, wide, words])
    online = side_of(
        [pa.array(['{"a":1,"A":1}', '{"a":2,"A":3}']), pa.array([0.5, 1.0]), pa.array([1, 2]), pa.array(["a", "c"])]
    )
    found = compared(dtypes, source=offline, offline=offline, online=online)
    assert [counted(each) for each in found.counts] == [
        {"matched": 1, "mismatched": 1},
        {"matched": 1, "mismatched": 1},
        {"matched": 1, "missing_offline": 1},
        {"matched": 1, "mismatched": 1},
    ]


def test_sides_with_other_rows_are_a_defect() -> None:
    offline = side_of([pa.array([1, 2])])
    online = Side(table=offline.table.take([1, 0]))
    with pytest.raises(AssertionError, match="other rows"):
        compared(["Int64"], offline=offline, online=online)


def test_no_rows_at_all() -> None:
    empty = side_of([pa.array([], pa.int64())], times=[])
    counts = compared(["Int64"], source=empty, offline=empty, online=empty).counts[0]
    assert (counts.requested, counts.compared, counts.all_null) == (0, 0, False)


def test_one_connection_serves_many_views() -> None:
    connection = sql.connect()
    for value in (1, 2):
        side = side_of([pa.array([value])])
        found = compare_sides(
            connection,
            view=view_of(["Int64"]),
            rules=[rule_of("Int64")],
            rows=side.table.select(["row_id"]),
            source=side,
            offline=side,
            online=side_of([pa.array([2])]),
        )
        assert found.counts[0].mismatched == (value == 1)
