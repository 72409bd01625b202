"""The SQL says of two values what the specification says, for every rule and mixture of physical types."""

from __future__ import annotations

import datetime
import math
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from duckdb import ColumnExpression
from hypothesis import given, settings
from hypothesis import strategies as st

from skewguard import sql
from skewguard.contract import Tolerance
from skewguard.equality.equal import kind_of
from skewguard.equality.judge import CODES, Judge
from skewguard.equality.macros import define_macros
from skewguard.equality.pairs import Operand, pair_of
from skewguard.equality.rules import Form, Rule, rule_of

BORDER = [0, 1, -1, 2, 3, 7, 2**31, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63)]
WHOLE = st.sampled_from(BORDER) | st.integers(-(2**63), 2**63 - 1)
UNSIGNED = st.sampled_from([0, 1, 2**53 + 1, 2**63, 2**64 - 1])
FLOATING = (
    st.sampled_from(
        [0.0, -0.0, 0.1, 0.3, 1.0, 1.0 + 1e-7, 1.0 + 1e-10, 1e-7, 2.0**53, 2.0**63, -(2.0**63), 1e40, 1.7e308]
    )
    | st.sampled_from([math.inf, -math.inf, math.nan, -1.7e308, 1.5, 2.5])
    | st.floats(width=64)
)
TEXTS = st.sampled_from(
    ["", "a", "1", "1.0", "abc", "null", "NaN", '{"a": 1}', '{"a":1.0,"b":null}', "[1, 2]", "[2,1.0]", "é"]
)
UUIDS = st.sampled_from(
    [
        "C0FFEE00-0000-4000-8000-000000000001",
        "c0ffee00-0000-4000-8000-000000000001",
        "c0ffee00000040008000000000000001",
        "x",
    ]
)
MICROS = st.sampled_from([0, 1, -1, 500_000, -500_000, 1_000_000, -1_000_000, 1_500_000, 1_700_000_000_123_456])
DECIMALS = st.sampled_from([Decimal("0.10"), Decimal("1.00"), Decimal("-1.50"), Decimal("9007199254740993.00")])

FLOAT32 = st.sampled_from([0.0, 0.1, 1.0, 1.0000001, 1e30, math.inf, math.nan, 3.25])
COLUMNS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "int32": (pa.int32(), st.sampled_from([0, 1, -1, 7, 2**31 - 1])),
    "int64": (pa.int64(), WHOLE),
    "uint64": (pa.uint64(), UNSIGNED),
    "float32": (pa.float32(), FLOAT32),
    "float64": (pa.float64(), FLOATING),
    "decimal": (pa.decimal128(20, 2), DECIMALS),
    "bool": (pa.bool_(), st.booleans()),
    "text": (pa.string(), TEXTS),
    "uuid": (pa.string(), UUIDS),
    "bytes": (pa.binary(), st.sampled_from([b"", b"a", b"\x00\xff"])),
    "us": (pa.timestamp("us"), MICROS),
    "utc": (pa.timestamp("us", tz="UTC"), MICROS),
    "s": (pa.timestamp("s", tz="UTC"), st.sampled_from([0, 1, -1, 1_700_000_000])),
    "ns": (pa.timestamp("ns"), MICROS.map(lambda us: us * 1000) | st.sampled_from([1, -1, 999])),
    "nsutc": (pa.timestamp("ns", tz="UTC"), MICROS.map(lambda us: us * 1000)),
    "date": (
        pa.date32(),
        st.sampled_from([datetime.date(1970, 1, 1), datetime.date(2024, 2, 29), datetime.date(1969, 12, 31)]),
    ),
    "null": (pa.null(), st.none()),
}
ITEMS = ("int32", "int64", "float32", "float64", "text", "bool", "us")
COLUMNS |= {
    f"list<{item}>": (pa.list_(COLUMNS[item][0]), st.lists(COLUMNS[item][1] | st.none(), max_size=3)) for item in ITEMS
}
COLUMNS["map"] = (
    pa.map_(pa.string(), pa.float64()),
    st.dictionaries(st.sampled_from("ab"), FLOATING | st.none(), max_size=2).map(lambda each: list(each.items())),
)
COLUMNS["struct"] = (
    pa.struct([("a", pa.int64()), ("b", pa.string())]),
    st.fixed_dictionaries({"a": st.sampled_from([1, 2, None]), "b": st.sampled_from(["x", None])}),
)
RULES = [
    *(
        rule_of(dtype)
        for dtype in ("Int64", "Float32", "Float64", "Bool", "String", "Bytes", "UnixTimestamp", "ZonedTimestamp")
    ),
    *(rule_of(dtype) for dtype in ("Uuid", "Decimal", "Json", "Map", "Array(Float32)", "Array(Int64)", "Set(Int64)")),
    *(
        rule_of(dtype)
        for dtype in ("Array(String)", "Array(UnixTimestamp)", "Array(Array(Float64))", "Struct({a: Int64, b: String})")
    ),
    rule_of("Int64", Tolerance(absolute=1)),
    rule_of("Float64", Tolerance(absolute=0.5, relative=0.01)),
    rule_of("Array(Float64)", Tolerance(relative=0.5)),
    Rule(form=Form.ANY, relative=1e-9),
]
PAIRS = st.tuples(st.sampled_from(RULES), st.sampled_from(list(COLUMNS)), st.sampled_from(list(COLUMNS)))
ALIKE = [
    {"int32", "int64", "uint64", "float32", "float64", "decimal", "bool"},
    {"us", "utc", "s", "ns", "nsutc", "date"},
]
ALIKE += [{f"list<{each}>" for each in ("int32", "int64", "float32", "float64")}, {"text", "uuid", "map", "struct"}]


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    """With the macros of the kernel."""
    connection = sql.connect()
    define_macros(connection)
    return connection


def answers(
    connection: duckdb.DuckDBPyConnection, rule: Rule, offline: pa.Array, online: pa.Array
) -> list[tuple[bool, int]]:
    """What the SQL says of each row: whether the two differ, and the code."""
    relation = connection.from_arrow(pa.table({"o": offline, "n": online}))
    sides = [
        Operand(value=ColumnExpression(name), physical=kind) for name, kind in zip("on", relation.types, strict=True)
    ]
    with Judge(connection) as judge:
        pair = pair_of(rule, *sides, judge)
        return relation.select(pair.differs.alias("differs"), pair.code.alias("code")).fetchall()


def agree(connection: duckdb.DuckDBPyConnection, rule: Rule, offline: pa.Array, online: pa.Array) -> None:
    """The SQL and the specification say the same of every row."""
    expected = [CODES[kind_of(*values, rule)] for values in zip(offline.to_pylist(), online.to_pylist(), strict=True)]
    shown = list(zip(offline.to_pylist(), online.to_pylist(), strict=True))
    assert answers(connection, rule, offline, online) == [(code != 0, code) for code in expected], (rule, shown)


@settings(derandomize=True, max_examples=400, deadline=None)
@given(data=st.data())
def test_sql_is_the_specification(connection: duckdb.DuckDBPyConnection, data: st.DataObject) -> None:
    rule, first = data.draw(st.tuples(st.sampled_from(RULES), st.sampled_from(list(COLUMNS))))
    family = next((group for group in ALIKE if first in group), {first})
    second = data.draw(st.sampled_from(sorted(family)) | st.sampled_from(list(COLUMNS)))
    columns = []
    for name in (first, second):
        arrow_type, values = COLUMNS[name]
        columns.append(pa.array(data.draw(st.lists(values | st.none(), min_size=12, max_size=12)), arrow_type))
    agree(connection, rule, *columns)


@pytest.mark.parametrize("dtype", ["Float32", "Float64", "Int64", "String"])
@settings(derandomize=True, max_examples=60, deadline=None)
@given(values=st.lists(FLOATING, min_size=1, max_size=10), noise=st.sampled_from([0, 1e-12, 1e-9, 9e-7, 1.1e-6, 1e-3]))
def test_sql_agrees_near_the_tolerance(
    connection: duckdb.DuckDBPyConnection, dtype: str, values: list[float], noise: float
) -> None:
    offline = pa.array(values, pa.float64(), from_pandas=False)
    online = pa.array([value * (1 + noise) for value in values], pa.float64(), from_pandas=False)
    agree(connection, rule_of(dtype), offline, online)


@pytest.mark.parametrize(
    "rule", [rule_of("Int64"), rule_of("Int64", Tolerance(absolute=2)), Rule(form=Form.ANY, relative=1e-9)]
)
@pytest.mark.parametrize("whole", [pa.int64(), pa.float64()])
def test_sql_is_exact_above_two_to_the_53(
    connection: duckdb.DuckDBPyConnection, rule: Rule, whole: pa.DataType
) -> None:
    near = [2**53 + 1, 2**53, 2**60 + 3, -(2**53) - 1, 2**63 - 1, -(2**63)]
    offline = pa.array([a for a in near for _ in near], pa.int64())
    online = pa.array([int(b) if whole == pa.int64() else float(b) for _ in near for b in near], whole)
    agree(connection, rule, offline, online)
    agree(connection, rule, online, offline)
