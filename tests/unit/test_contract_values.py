"""Values held to a contract, rule by rule: what breaks it is found on any side, and nothing else is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from skewguard import sql
from skewguard.contract import Contract
from skewguard.model import ContractFinding, Origin, Promise, Side
from skewguard.promises import Promised, look

NAN, INF = float("nan"), float("inf")


def side(values: pa.Array, **columns: Any) -> Side:
    size = len(values)
    table = {"row_id": pa.array(range(1, size + 1), pa.int64()), "v0": values, "error": pa.nulls(size, pa.string())}
    return Side(table=pa.table({**table, **columns}))


def found(
    values: pa.Array, dtype: str, *, present: list[bool] | None = None, asked: Side | None = None, **promises: Any
) -> list[ContractFinding]:
    one = Promised(position=0, dtype=dtype, contract=Contract(**promises), relative=1e-6)
    rows = None if present is None else pa.array(present)
    with sql.connect() as connection:
        return look(connection, Origin.ONLINE, asked or side(values), [one], present=rows).get(0, [])


@pytest.mark.parametrize(
    ("values", "dtype", "broken", "example"),
    [
        (pa.array([7.0, 7.9, None, NAN, -0.5]), "Int64", 2, "7.9"),
        (pa.array([INF, 1.0]), "Int64", 1, "Infinity"),
        (pa.array([2.0**63, -(2.0**63)]), "Int64", 1, "9.223372036854776e+18"),
        (pa.array([2**31, 2**31 - 1]), "Int32", 1, "2147483648"),
        (pa.array([2**64 - 1], pa.uint64()), "Int64", 1, "18446744073709551615"),
        (pa.array([Decimal("1.5"), Decimal("2.0")]), "Int64", 1, "1.5"),
        (pa.array(["7", " 8 ", "7.9", "x", None]), "Int64", 2, "7.9"),
        (pa.array([1e40, 3.4e38, INF, NAN]), "Float32", 1, "1e+40"),
        (pa.array(["7.5", "n/a"]), "Float64", 1, "n/a"),
        (pa.array([0, 1, 2]), "Bool", 1, "2"),
        (pa.array(["true", "0", "maybe"]), "Bool", 1, "maybe"),
        (pa.array(["2026-01-01", "soon"]), "UnixTimestamp", 1, "soon"),
        (pa.array([[1.0, 2.5], [1.0, None], None, [NAN]]), "Array(Int64)", 1, "[1.0, 2.5]"),
        (pa.array([[1.0, 1e40], [1.0]]), "Set(Float32)", 1, "[1.0, 1e+40]"),
    ],
)
def test_a_value_that_cannot_be_the_dtype(values: pa.Array, dtype: str, broken: int, example: str) -> None:
    (finding,) = found(values, dtype)
    assert (finding.side, finding.rule, finding.expected) == (Origin.ONLINE, Promise.DTYPE, dtype)
    assert (finding.broken, finding.example_value) == (broken, example)


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (pa.array([1, 2**53 + 1]), "Int64"),
        (pa.array([1.0, None]), "Int32"),
        (pa.array([7, 8]), "Float32"),
        (pa.array([7, 8]), "String"),
        (pa.array([True, None]), "Bool"),
        (pa.array([1.1], pa.float32()), "Float64"),
        (pa.array(["{}"]), "Map"),
        (pa.array([1_700_000_000]), "UnixTimestamp"),
        (pa.array([[1, 2]]), "Array(Float32)"),
        (pa.array([1.5]), "SomethingOfALaterFeast"),
        (pa.nulls(3), "Int64"),
    ],
)
def test_a_value_that_can_be_the_dtype_is_no_finding(values: pa.Array, dtype: str) -> None:
    assert found(values, dtype, present=[True] * len(values)) == []


@pytest.mark.parametrize(
    ("values", "bounds", "broken", "expected"),
    [
        (pa.array([-1, 0, 5, 6, None]), (0, 5), 2, "0 to 5"),
        (pa.array([-1, 10**18]), (0, None), 1, "at least 0"),
        (pa.array([0.5, 1.5, INF, NAN]), (None, 1), 2, "at most 1"),
        (pa.array([-INF, 3.0]), (-5, None), 1, "at least -5"),
        (pa.array([0.1, 0.2], pa.float32()), (0, 0.1), 1, "0 to 0.1"),  # a Float32 of 0.1 is more than 0.1
        (pa.array([1.0000000001, 1.1]), (0, 1), 1, "0 to 1"),
        (pa.array([Decimal("1.5"), Decimal("0.5")]), (0, 1), 1, "0 to 1"),
        (pa.array([0, 5]), (0, 5), 0, "0 to 5"),
    ],
)
def test_a_range(values: pa.Array, bounds: Any, broken: int, expected: str) -> None:
    (finding,) = found(values, "Float64", range=bounds)
    assert (finding.rule, finding.expected, finding.broken) == (Promise.RANGE, expected, broken)
    assert (finding.example_row_id is None) == (broken == 0)


def test_categories_are_exact_texts() -> None:
    odd = 'it\'s; drop table "x" --'
    (finding,) = found(pa.array(["a", "A", odd, None, "a "]), "String", categories=("a", odd))
    assert (finding.rule, finding.checked, finding.broken, finding.example_value) == (Promise.CATEGORIES, 4, 2, "A")
    assert found(pa.array([1, 2]), "Int64", categories=("a",)) == [], "a pattern may cover what has no categories"
    (kept,) = found(pa.array(["a"]).dictionary_encode(), "String", categories=("a",))
    assert (kept.checked, kept.broken) == (1, 0)


def test_only_a_null_of_a_row_that_is_there_breaks_nullability() -> None:
    values = pa.array([1.0, None, NAN, None])
    (finding,) = found(values, "Float64", nullable=False, present=[True, True, True, False])
    assert (finding.checked, finding.broken, finding.example_row_id, finding.example_value) == (3, 2, 2, None)
    (kept,) = found(values, "Float64", nullable=False, present=[True, False, False, False])
    assert (kept.checked, kept.broken) == (1, 0)
    assert found(values, "Float64", nullable=False) == [], "where nobody knows of rows, nothing is said"
    assert found(values, "Float64", nullable=True, present=[True] * 4) == []
    (all_null,) = found(pa.nulls(2), "Float64", nullable=False, range=(0, 1), present=[True, True])
    assert (all_null.rule, all_null.broken) == (Promise.NULLABLE, 2)


def test_what_has_no_answer_is_not_asked() -> None:
    values = pa.array([9, 9, 9])
    failed = side(values).table.set_column(2, "error", pa.array(["raised", None, None]))
    (finding,) = found(values, "Int64", asked=Side(table=failed), range=(0, 1))
    assert (finding.checked, finding.broken, finding.example_row_id) == (2, 2, 2)
    (finding,) = found(values, "Int64", asked=side(values, k0=pa.array([False, False, True])), range=(0, 1))
    assert (finding.checked, finding.example_row_id) == (1, 3)
    assert found(values, "Int64", asked=Side(table=side(values).table, absent={0: "not there"}), range=(0, 1)) == []


def test_many_features_are_asked_together() -> None:
    table = {"row_id": pa.array([1, 2], pa.int64()), **{f"v{at}": pa.array([at, 500]) for at in range(200)}}
    promised = [Promised(position=at, dtype="Int64", contract=Contract(range=(0, at))) for at in range(200)]
    with sql.connect() as connection:
        answers = look(connection, Origin.SOURCE, Side(table=pa.table(table)), promised, present=None)
    assert [(each[0].checked, each[0].broken) for _, each in sorted(answers.items())] == [(2, 1)] * 200
