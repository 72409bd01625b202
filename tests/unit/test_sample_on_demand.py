"""Entity rows of on-demand views, and the request data made for them."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from skewguard.model import JoinKey, RequestField, ViewKind, ViewSpec
from skewguard.sample import add_request_data, join_inputs, widest_input

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
DTYPES = (
    *("Int32", "Int64", "Float32", "Float64", "String", "Bool", "Bytes", "UnixTimestamp", "Decimal", "Uuid", "Json"),
    *(
        "Map",
        "Array(Int64)",
        "Array(Array(String))",
        "Set(String)",
        "Struct({a: Int64, b: Array(Float64)})",
        "TimeUuid",
    ),
)


def view(name: str, *keys: str) -> ViewSpec:
    join_keys = tuple(JoinKey(name=key, column=key, dtype="Int64") for key in keys)
    return ViewSpec(name=name, base_name=name, kind=ViewKind.FEATURE_VIEW, join_keys=join_keys, features=())


def made(rows: int, *dtypes: str, seed: int = 0, view_name: str = "v") -> pa.Table:
    fields = [RequestField(name=f"f{at}", dtype=dtype) for at, dtype in enumerate(dtypes)]
    return add_request_data(pa.table({"id": list(range(rows))}), view_name, fields, as_of=NOON, seed=seed)


def test_the_rows_of_the_input_that_has_all_keys() -> None:
    inputs = [view("a", "user"), view("b", "shop", "user"), view("c")]
    drawn = {"a": pa.table({"user": [9]}), "b": pa.table({"shop": [1, 2], "user": [3, 4]})}
    assert widest_input(inputs) is inputs[1]
    assert join_inputs(inputs, drawn, rows=None).to_pylist() == [{"shop": 1, "user": 3}, {"shop": 2, "user": 4}]
    assert join_inputs(inputs, drawn, rows=1).to_pylist() == [{"shop": 1, "user": 3}]


def test_else_the_ith_rows_of_each_side_by_side() -> None:
    inputs = [view("a", "user"), view("b", "shop", "day")]
    drawn = {"a": pa.table({"user": [7, 8, 9]}), "b": pa.table({"shop": [1, 2], "day": [3, 4]})}
    assert widest_input(inputs) is None
    assert join_inputs(inputs, drawn, rows=5).to_pylist() == [
        {"user": 7, "shop": 1, "day": 3},
        {"user": 8, "shop": 2, "day": 4},
    ]


@pytest.mark.parametrize(("inputs", "rows", "count"), [([], 5, 5), ([], None, 1000), ([view("c")], 5, 5)])
def test_without_keyed_inputs_request_data_tells_rows_apart(inputs: Any, rows: int | None, count: int) -> None:
    table = join_inputs(inputs, {}, rows=rows)
    assert (table.num_rows, table.num_columns) == (count, 0)
    filled = add_request_data(table, "v", [RequestField(name="x", dtype="Int64")], as_of=NOON, seed=0)
    assert filled.num_rows == count
    assert len(set(filled["x"].to_pylist())) > 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_gets_values_that_vary_and_are_never_null(dtype: str) -> None:
    column = made(200, dtype)["f0"]
    assert column.null_count == 0
    values = column.to_pylist()
    assert len({repr(value) for value in values}) >= (2 if dtype == "Bool" else 8)
    assert "None" not in repr(values)


@pytest.mark.parametrize("dtype", ["Int32", "Int64", "Float32", "Float64", "Decimal"])
def test_numbers_are_of_several_sizes_and_fit_to_divide_by(dtype: str) -> None:
    numbers = made(400, dtype)["f0"].to_pylist()
    assert min(numbers) > 0
    assert max(numbers) > 10_000
    assert sum(number <= 10 for number in numbers) > 40
    assert max(numbers) <= 100_000


def test_times_lie_shortly_before_as_of() -> None:
    times = made(50, "UnixTimestamp")["f0"].to_pylist()
    assert max(times) <= NOON
    assert (NOON - min(times)).days <= 30


def test_what_the_rows_have_is_kept() -> None:
    table = pa.table({"id": [1], "x": [5]})
    fields = [RequestField(name="x", dtype="Int64"), RequestField(name="y", dtype="Int64")]
    assert add_request_data(table, "v", fields, as_of=NOON, seed=0).select(["id", "x"]).equals(table)


def test_a_longer_table_begins_with_the_shorter_and_seeds_and_views_differ() -> None:
    assert made(50, *DTYPES).slice(0, 5).equals(made(5, *DTYPES))
    assert made(50, "Int64", seed=1) != made(50, "Int64")
    assert made(50, "Int64", view_name="w") != made(50, "Int64")


def test_another_process_with_another_hash_seed_makes_the_same() -> None:
    program = (
        "import datetime, pyarrow as pa; from skewguard.model import RequestField; "
        "from skewguard.sample import add_request_data; "
        f"fields = [RequestField(name='f%d' % at, dtype=dtype) for at, dtype in enumerate({DTYPES!r})]; "
        "print(add_request_data(pa.table({'id': list(range(20))}), 'v', fields, "
        "as_of=datetime.datetime(2024, 6, 1, 12, tzinfo=datetime.timezone.utc), seed=0).to_pylist())"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == str(made(20, *DTYPES).to_pylist())
