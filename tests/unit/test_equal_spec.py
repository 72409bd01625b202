"""The specification of "equal", by example: each line is a promise of INTERFACE.md section 5."""

from __future__ import annotations

import base64
import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from skewguard.contract import Tolerance
from skewguard.equality.equal import kind_of
from skewguard.equality.rules import Form, Rule, rule_of
from skewguard.model import Kind

NAN, INF = math.nan, math.inf
EMBEDDED = {"a": 1, "b": [1.0, None], "c": {"d": "x"}}

MATCHES: list[tuple[str, Any, Any]] = [
    ("Int64", None, None),
    ("Float64", None, NAN),
    ("Float64", NAN, NAN),
    ("Float64", INF, INF),
    ("Float64", 0.0, -0.0),
    ("Float64", 1.0049999, 1.0050001 - 1.99e-7),
    ("Float32", 0.1, 0.10000000149011612),
    ("Float32", 1.0049999, 1.0050001),
    ("Int64", 7, 7.0),
    ("Int64", True, 1),
    ("Bool", False, 0),
    ("Int64", 2**63 - 1, 2**63 - 1),
    ("String", "1", 1),
    ("String", 1.5, "1.5"),
    ("UnixTimestamp", datetime(2024, 1, 1, 0, 0, 0, 987654), datetime(2024, 1, 1, tzinfo=UTC)),
    ("UnixTimestamp", datetime(1969, 12, 31, 23, 59, 58, 500000), datetime(1969, 12, 31, 23, 59, 58)),
    ("UnixTimestamp", datetime(1969, 12, 31, 23, 59, 58, 500000), datetime(1969, 12, 31, 23, 59, 59)),
    ("UnixTimestamp", date(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC)),
    ("UnixTimestamp", datetime(2024, 1, 1), 1704067200),
    ("UnixTimestamp", datetime(2024, 1, 1), "2024-01-01T00:00:00+00:00"),
    ("ZonedTimestamp", datetime(2024, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), datetime(2024, 1, 1, tzinfo=UTC)),
    ("Uuid", "C0FFEE00-0000-4000-8000-000000000001", UUID("c0ffee00-0000-4000-8000-000000000001")),
    ("Uuid", "c0ffee00000040008000000000000001", "C0FFEE00-0000-4000-8000-000000000001"),
    ("Decimal", "1.10", Decimal("1.1")),
    ("Decimal", Decimal("0.1"), 0.1),
    ("Json", '{"a": 1, "b": 2}', '{"b":2,"a":1.0}'),
    ("Json", '{"a": [1, {"b": null}]}', {"a": [1, {}]}),
    ("Json", "null", None),
    ("Json", '"x"', "x"),
    ("Map", {"a": 1, "b": None}, {"a": 1.0}),
    ("Map", [("a", 1)], {"a": 1}),
    ("Map", {"a": b"\x00\xff"}, '{"a":"' + base64.b64encode(b"\x00\xff").decode() + '"}'),
    ("Map", {"a": NAN}, '{"a":"NaN"}'),
    ("Map", {"a": INF}, '{"a":"Infinity"}'),
    ("ScalarMap", {1: "x", 2: "y"}, '{"1":"x","2":"y"}'),
    ("Map", EMBEDDED, '{"c":{"d":"x"},"b":[1,null],"a":1}'),
    ("Struct({a: Int64, b: Array(Float32)})", {"a": 1, "b": [0.1]}, {"a": 1.0, "b": [0.10000000149011612]}),
    ("Struct({t: UnixTimestamp})", {"t": datetime(2024, 1, 1)}, '{"t":"2024-01-01T00:00:00+00:00"}'),
    ("Array(Int64)", [], []),
    ("Map", [], "{}"),  # Arrow's empty map
    ("Json", '[["a", 1], []]', [["a", 1], []]),
    ("Array(Float64)", [1.0, None], [1.0, NAN]),
    ("Set(Int64)", [2, 1, 1], {1, 2}),
    ("Set(String)", ["b", "a"], ["a", "b"]),
    ("Array(Set(Int64))", [[1, 2]], [[2, 1]]),
    ("Array(Array(Float64))", [[], [1.0]], [[], [1.0 + 1e-12]]),
    ("Array(Json)", ['{"a": 1}'], ['{"a":1.0}']),
    ("Bytes", b"a", b"a"),
    ("Undeclared", {"a": 0.1}, {"a": 0.1 + 1e-12}),
]
MISMATCHES: list[tuple[str, Any, Any]] = [
    ("Float32", 1e40, INF),
    ("Float32", 0.1, 0.1000002),
    ("Float64", 0.1, 0.10000000149011612),
    ("Float64", 1.0, INF),
    ("Float64", INF, -INF),
    ("Int64", 7.9, 7),
    ("Int64", 2**53 + 1, 2.0**53),
    ("Int64", 2**63 - 1, -(2**63)),
    ("Int64", "abc", 1),
    ("String", 1, "1.0"),
    ("String", "a", "A"),
    ("String", "\u00e9", "e\u0301"),
    ("String", "", "null"),
    ("Bool", True, "true"),
    ("Bool", True, False),
    ("UnixTimestamp", datetime(2024, 1, 1, 0, 0, 1), datetime(2024, 1, 1)),
    ("ZonedTimestamp", datetime(2024, 1, 1, 0, 0, 0, 1), datetime(2024, 1, 1)),
    ("ZonedTimestamp", datetime(2024, 1, 1, 1), datetime(2024, 1, 1)),
    ("Uuid", "c0ffee00-0000-4000-8000-000000000001", "c0ffee00-0000-4000-8000-000000000002"),
    ("Decimal", Decimal("9007199254740993"), 2.0**53),
    ("Decimal", "1.10", "1.11"),
    ("Json", '{"a": 1}', '{"a": 2}'),
    ("Json", '{"a": 1}', '{"a": 1, "b": 0}'),
    ("Json", "{broken", "{Broken"),
    ("Map", {"a": 1}, {"b": 1}),
    ("Map", {"a": [1, 2]}, {"a": [2, 1]}),
    ("Map", {"a": 1}, [1]),
    ("Array(Int64)", [1, 2], [2, 1]),
    ("Array(Int64)", [1], [1, None]),
    ("Array(Array(Float64))", [[]], [None]),
    ("Json", "[]", "{}"),
    ("Json", '{"a": [{}]}', '{"a": [[]]}'),
    ("Map", '{"a": []}', '{"a": {}}'),
    ("Set(Int64)", [1, 2], [1]),
    ("Array(Float64)", [1.0], 1.0),
    ("Bytes", b"a", b"b"),
]


@pytest.mark.parametrize(("dtype", "offline", "online"), MATCHES)
def test_equal_values_match_either_way_round(dtype: str, offline: Any, online: Any) -> None:
    assert kind_of(offline, online, rule_of(dtype)) is Kind.MATCH
    assert kind_of(online, offline, rule_of(dtype)) is Kind.MATCH


@pytest.mark.parametrize(("dtype", "offline", "online"), MISMATCHES)
def test_other_values_do_not(dtype: str, offline: Any, online: Any) -> None:
    assert kind_of(offline, online, rule_of(dtype)) is Kind.MISMATCH
    assert kind_of(online, offline, rule_of(dtype)) is Kind.MISMATCH


@pytest.mark.parametrize("null", [None, NAN])
@pytest.mark.parametrize("value", [0, 0.0, "", False, [], {}, INF, b""])
def test_a_value_against_none_is_missing(null: Any, value: Any) -> None:
    rule = Rule(form=Form.ANY)
    assert kind_of(value, null, rule) is Kind.MISSING_ONLINE
    assert kind_of(null, value, rule) is Kind.MISSING_OFFLINE


def test_tolerance_is_relative_to_offline() -> None:
    rule = rule_of("Float64", Tolerance(relative=0.1))
    assert kind_of(100.0, 110.0, rule) is Kind.MATCH
    assert kind_of(110.0, 98.9, rule) is Kind.MISMATCH
    assert kind_of(98.9, 110.0, rule) is Kind.MISMATCH


def test_a_contract_may_let_integers_differ() -> None:
    assert kind_of(10, 11, rule_of("Int64", Tolerance(absolute=1))) is Kind.MATCH
    assert kind_of(10, 12, rule_of("Int64", Tolerance(absolute=1))) is Kind.MISMATCH


def test_integers_inside_undeclared_values_are_exact_unless_a_contract_says_otherwise() -> None:
    assert kind_of({"a": 10**10}, {"a": 10**10 + 1}, rule_of("Map")) is Kind.MISMATCH
    assert kind_of({"a": 10**10}, {"a": 10**10 + 1}, rule_of("Map", Tolerance(relative=1e-9))) is Kind.MATCH


@pytest.mark.parametrize(
    ("offline", "online", "kind"),
    [
        ('{"a": 1}', '{"a": "1"}', Kind.MISMATCH),
        ('{"a": true}', '{"a": 1}', Kind.MISMATCH),
        ('[{"a": "x"}, [0]]', '[{"a": "x"}, [false]]', Kind.MISMATCH),
        ("1", '"1"', Kind.MISMATCH),
        ("true", "1", Kind.MISMATCH),
        ('{"a": 1, "b": null}', '{"a": 1.0}', Kind.MATCH),
        ('{"a": "NaN", "b": "Infinity"}', '{"b": Infinity}', Kind.MATCH),
        ('{"a": null}', '{"a": "1"}', Kind.MISMATCH),
        ("null", '"1"', Kind.MISSING_OFFLINE),
        ("plain words", "plain words", Kind.MATCH),
    ],
)
def test_json_tells_a_number_from_text_and_from_true(offline: str, online: str, kind: Kind) -> None:
    assert kind_of(offline, online, rule_of("Json")) is kind


def test_an_on_demand_feature_is_as_precise_as_the_float32_that_it_reads() -> None:
    assert kind_of(1.0, 1.0 + 5e-7, rule_of("Float64")) is Kind.MISMATCH
    assert kind_of(1.0, 1.0 + 5e-7, rule_of("Float64", reads_float32=True)) is Kind.MATCH


def test_struct_fields_keep_their_own_rules() -> None:
    rule = rule_of("Struct({name: String, at: UnixTimestamp, parts: Array(Struct({x: Float32})), blob: Json})")
    assert [(name, inner.form) for name, inner in rule.fields] == [
        ("name", Form.TEXT),
        ("at", Form.SECONDS),
        ("parts", Form.LIST),
        ("blob", Form.JSON),
    ]
    nested = rule.of_field("parts").inner.of_field("x")
    assert (nested.form, nested.relative) == (Form.FLOAT, 1e-6)


def test_feast_prints_dtypes_as_they_are_read_here() -> None:
    for dtype in ("Bytes", "PdfBytes", "ImageBytes", "String", "Bool", "Int32", "Int64", "Float32", "Float64", "Uuid"):
        assert rule_of(dtype).form is not Form.ANY
    for dtype in ("UnixTimestamp", "TimeUuid", "Decimal", "Json", "Map", "ScalarMap", "ZonedTimestamp", "Set(Uuid)"):
        assert rule_of(dtype).form is not Form.ANY
    assert rule_of("Invalid").form is Form.ANY
