"""On-demand transforms are given the same, and give the same, whatever path and batch bring their inputs."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skewguard import Feature, on_demand_features
from skewguard.definition import transform_of
from skewguard.definition.answers import writer
from skewguard.definition.frames import arriving
from skewguard.definition.values import reader
from skewguard.dtypes import parse
from skewguard.errors.definition import InputError, OutputError

SEEN: list[Any] = []


@on_demand_features(
    inputs={"delay": "float64", "minutes": "int64"},
    features=[
        Feature("share", "float64"),
        Feature("hours", "int32"),
        Feature("late", "bool"),
        Feature("size", "string"),
    ],
)
def frame_share(inputs: pd.DataFrame) -> pd.DataFrame:
    SEEN.append(inputs.dtypes.astype(str).to_dict())
    size = inputs["minutes"].map(lambda minutes: None if math.isnan(minutes) else "long" if minutes > 90 else "short")
    return pd.DataFrame(
        {
            "size": size.astype(object).where(inputs["minutes"].notna(), None),
            "share": np.log1p(inputs["delay"].abs()) / inputs["minutes"],
            "hours": inputs["minutes"] // 60,
            "late": (inputs["delay"] > 15).astype("boolean").mask(inputs["delay"].isna()),
        }
    )


@on_demand_features(
    mode="row",
    inputs={"delay": "float64", "minutes": "int64"},
    features=[
        Feature("share", "float64"),
        Feature("hours", "int32"),
        Feature("late", "bool"),
        Feature("size", "string"),
    ],
)
def row_share(delay: float | None, minutes: int | None) -> tuple[Any, ...]:
    SEEN.append((delay, minutes))
    size = None if minutes is None else "long" if minutes > 90 else "short"
    hours = None if minutes is None else minutes // 60
    late = None if delay is None else delay > 15
    if delay is None or minutes is None or minutes == 0:
        return None, hours, late, size
    return math.log1p(abs(delay)) / minutes, hours, late, size


@on_demand_features(mode="row", inputs={"key": "int64"}, features=[Feature("double", "int64")])
def doubled(key: int | None) -> int | None:
    return None if key is None else key + 1


@on_demand_features(inputs={"x": "float64"}, features=[Feature("y", "float64")])
def sorting(inputs: pd.DataFrame) -> pd.DataFrame:
    inputs = inputs.sort_values("x")
    inputs["y"] = inputs["x"] * 2
    return inputs[["y"]]


@on_demand_features(inputs={"x": "float32"}, features=[Feature("y", "float32")])
def narrow(inputs: pd.DataFrame) -> pd.Series:
    return inputs["x"] * 2


@on_demand_features(inputs={"x": "float64"}, features=[Feature("y", "int64")])
def cutting(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"y": inputs["x"]})


@on_demand_features(inputs={"x": "float64"}, features=[Feature("y", "float64"), Feature("z", "float64")])
def forgetful(inputs: pd.DataFrame) -> Any:
    return {"one": inputs[["x"]], "short": pd.DataFrame({"y": [1.0], "z": [1.0]})}.get("one")


@on_demand_features(mode="row", inputs={"x": "int64"}, features=[Feature("y", "int64"), Feature("z", "int64")])
def by_name(x: int) -> dict[str, int]:
    return {"z": x + 2, "y": x + 1} if x else {"y": 1}


@on_demand_features(
    mode="row", inputs={"x": "array(float32)"}, features=[Feature("y", "array(float64)"), Feature("z", "unixtimestamp")]
)
def listing(x: list[float] | None) -> tuple[Any, Any]:
    return (None, None) if x is None else ([each * 2 for each in x], datetime(2013, 1, 1, microsecond=7))


NULLS = [None, float("nan"), np.nan, np.float32("nan"), pd.NA, pd.NaT, np.datetime64("NaT")]
CELLS = [(1.5, 61), (None, 120), (-3.25, None), (None, None), (20.0, 0), (16.0, 2**36)]


def same(one: Any, other: Any) -> bool:
    return bool((pd.isna(one) and pd.isna(other)) or one == other)


def columns_of(frame: pd.DataFrame) -> dict[str, list[Any]]:
    return {name: frame[name].tolist() for name in frame.columns}


def offline_frame(cells: list[tuple[Any, Any]]) -> pd.DataFrame:
    """As Feast's offline path hands over a whole result: typed columns, and columns that nobody declared."""
    table = pa.table(
        {
            "event_timestamp": pa.array([datetime(2013, 1, 1, tzinfo=UTC)] * len(cells)),
            "delay": pa.array([delay for delay, _ in cells], pa.float64()),
            "minutes": pa.array([minutes for _, minutes in cells], pa.int64()),
        }
    )
    return table.to_pandas()


def online_frame(cells: list[tuple[Any, Any]]) -> pd.DataFrame:
    """As Feast's online path makes it: from lists, so that a column of nulls is an object column."""
    lists = {"delay": [delay for delay, _ in cells], "minutes": [minutes for _, minutes in cells], "carrier": cells}
    return pa.Table.from_pydict({**lists, "carrier": ["UA"] * len(cells)}).to_pandas()


@pytest.mark.parametrize("function", [frame_share, row_share])
def test_each_row_alone_and_all_at_once_offline_and_online_agree(function: Any) -> None:
    transform = transform_of(function)
    whole = columns_of(transform.serve(offline_frame(CELLS)))
    batch = columns_of(transform.serve(online_frame(CELLS)))
    assert set(whole) == {"share", "hours", "late", "size"}
    for at, cell in enumerate(CELLS):
        alone = columns_of(transform.serve(online_frame([cell])))
        for name, values in whole.items():
            assert same(values[at], batch[name][at]), (name, cell)
            assert same(values[at], alone[name][0]), (name, cell)
    assert whole["hours"][0] == 1
    assert same(whole["hours"][2], None)


@pytest.mark.parametrize("function", [frame_share, row_share])
def test_outputs_have_the_declared_types_also_for_nulls_and_for_no_rows(function: Any) -> None:
    for cells in (CELLS, CELLS[:1], [(None, None)], []):
        served = transform_of(function).serve(offline_frame(cells))
        assert served.dtypes.astype(str).to_dict() == {
            "share": "float64", "hours": "Int32", "late": "boolean", "size": "string",
        }  # fmt: skip
        assert len(served) == len(cells)
        arrow = pa.Table.from_pandas(served)
        assert [str(each) for each in arrow.schema.types] == ["double", "int32", "bool", "string"]


def test_a_frame_function_always_sees_the_same_types() -> None:
    SEEN.clear()
    for cells in (CELLS, CELLS[:1], [(None, None)], []):
        transform_of(frame_share).serve(offline_frame(cells))
        transform_of(frame_share).serve(online_frame(cells)) if cells else None
    assert SEEN
    assert all(each == {"delay": "float64", "minutes": "float64"} for each in SEEN)


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_every_form_of_null_arrives_as_none(null: Any) -> None:
    SEEN.clear()
    transform_of(row_share).serve({"delay": [null], "minutes": [null]})
    assert SEEN == [(None, None)]


def test_integers_arrive_as_int_even_where_a_null_made_their_column_float() -> None:
    SEEN.clear()
    transform_of(row_share).serve(pd.DataFrame({"delay": [1, 2], "minutes": [3.0, np.nan]}))
    assert SEEN == [(1.0, 3), (2.0, None)]
    assert [type(each) for each in SEEN[0]] == [float, int]


def test_lists_in_lists_out_keep_what_a_frame_would_lose() -> None:
    served = transform_of(doubled).serve({"key": [2**53 + 1, None], "undeclared": [1, 2]})
    assert served == {"double": [2**53 + 2, None]}
    assert type(served["double"][0]) is int


def test_narrow_numbers_are_numpys_because_feast_tells_them_by_that() -> None:
    served = transform_of(row_share).serve({"delay": [1.5], "minutes": [61]})
    assert type(served["hours"][0]) is np.int32
    assert type(served["share"][0]) is float


def test_a_function_that_sorts_its_rows_is_put_right() -> None:
    served = transform_of(sorting).serve(pd.DataFrame({"x": [3.0, 1.0, 2.0]}, index=[7, 7, 9]))
    assert served["y"].tolist() == [6.0, 2.0, 4.0]


def test_the_callers_frame_is_not_touched() -> None:
    frame = pd.DataFrame({"x": [3.0, 1.0]}, index=[5, 4])
    before = frame.copy()
    transform_of(sorting).serve(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_float32_inputs_are_what_the_online_store_keeps() -> None:
    one = transform_of(narrow).serve(pd.DataFrame({"x": [0.1]}))
    other = transform_of(narrow).serve(pd.DataFrame({"x": [float(np.float32(0.1))]}))
    assert one["y"].dtype == "float32"
    assert one["y"][0] == other["y"][0]


@pytest.mark.parametrize(
    ("function", "frame", "said"),
    [
        (cutting, {"x": [7.9]}, "7.9 is not an integer"),
        (cutting, {"x": [1e300]}, "does not fit"),
        (narrow, {"x": [3e38]}, "does not fit Float32"),
        (forgetful, {"x": [1.0]}, "columns"),
        (by_name, {"x": [0]}, "declared"),
    ],
)
def test_what_would_have_to_be_cut_or_is_not_declared_is_refused(function: Any, frame: Any, said: str) -> None:
    with pytest.raises(OutputError, match=said):
        transform_of(function).serve(pd.DataFrame(frame))


def test_answers_by_name() -> None:
    assert transform_of(by_name).serve({"x": [1]}) == {"y": [2], "z": [3]}


def test_lists_and_times() -> None:
    served = transform_of(listing).serve({"x": [np.array([1.5, np.nan]), None]})
    assert served["y"][0] == [3.0, pytest.approx(math.nan, nan_ok=True)]
    assert served["y"][1] is None
    assert served["z"] == [datetime(2013, 1, 1, tzinfo=UTC), None]


@pytest.mark.parametrize("missing", ["delay", "minutes"])
@pytest.mark.parametrize("function", [frame_share, row_share])
def test_a_missing_input_is_named(function: Any, missing: str) -> None:
    with pytest.raises(InputError, match=missing):
        transform_of(function).serve(offline_frame(CELLS).drop(columns=missing))


def test_an_input_of_another_kind_is_named() -> None:
    with pytest.raises(InputError, match=r"'minutes'.*Int64"):
        transform_of(row_share).serve({"delay": [1.0], "minutes": ["soon"]})
    with pytest.raises(InputError, match=r"'minutes'.*Int64"):
        transform_of(frame_share).serve(pd.DataFrame({"delay": [1.0], "minutes": ["soon"]}))


def test_inputs_may_be_found_under_other_names() -> None:
    columns = {"key": ("view__key", "key")}
    assert transform_of(doubled).serve({"key": [1], "view__key": [5]}, columns) == {"double": [6]}
    assert transform_of(doubled).serve({"key": [1]}, columns) == {"double": [2]}


@pytest.mark.parametrize(
    ("dtype", "given", "read"),
    [
        ("int64", 7.9, 7),
        ("int64", np.int32(7), 7),
        ("float32", 0.1, float(np.float32(0.1))),
        ("float32", 1e40, math.inf),
        ("bool", np.bool_(True), True),
        ("string", "é", "é"),
        ("uuid", "ABCD", "abcd"),
        ("unixtimestamp", pd.Timestamp("2013-01-01 10:00:00.9"), datetime(2013, 1, 1, 10, tzinfo=UTC)),
        ("unixtimestamp", np.datetime64("2013-01-01T10:00:00.9"), datetime(2013, 1, 1, 10, tzinfo=UTC)),
        ("unixtimestamp", date(2013, 1, 1), datetime(2013, 1, 1, tzinfo=UTC)),
        ("unixtimestamp", -(2**63), None),
        (
            "unixtimestamp",
            datetime(1969, 12, 31, 23, 59, 58, 500000, UTC),
            datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
        ),
        ("decimal", "1.10", Decimal("1.10")),
        ("json", '{"a": 1}', {"a": 1}),
        ("json", {"a": 1}, {"a": 1}),
        ("map", [("a", 1)], {"a": 1}),
        ("struct({a: int64})", {"a": 1.0, "b": 2}, {"a": 1}),
        ("array(string)", ["a", None], ["a", ""]),
        ("array(int64)", np.array([1, 2]), [1, 2]),
        ("set(int64)", [2, 1, 2], {1, 2}),
    ],
)
def test_values_arrive_as_the_online_store_keeps_them(dtype: str, given: Any, read: Any) -> None:
    assert reader(parse(dtype))(given) == read
    assert type(reader(parse(dtype))(given)) is type(read)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_frames_of_times_arrive_as_single_times_do(unit: str, zone: str | None) -> None:
    moments = ["2013-01-01T10:00:00.900", None, "1969-12-31T23:59:58.500", "1969-12-31T23:59:59.000", "1903-07-01"]
    column = pd.Series(pd.to_datetime(moments, format="ISO8601")).dt.as_unit(unit).dt.tz_localize(zone)
    arrived = pd.Series(arriving(column, parse("unixtimestamp")))
    read = reader(parse("unixtimestamp"))
    assert str(arrived.dtype) == "datetime64[us, UTC]"
    assert [None if pd.isna(each) else each.to_pydatetime() for each in arrived] == [read(each) for each in column]


@pytest.mark.parametrize(
    ("dtype", "value"),
    [("int64", True), ("int64", 1.5), ("int32", 2**31), ("bool", 1), ("string", 1), ("float64", "1"), ("map", [1]),
     ("array(int64)", "12"), ("struct({a: int64})", {"b": 1}), ("bytes", "x"), ("unixtimestamp", "2013")],
)  # fmt: skip
def test_values_of_another_kind_do_not_leave(dtype: str, value: Any) -> None:
    with pytest.raises(ValueError, match="."):
        writer(parse(dtype))(value)


CELL = st.tuples(
    st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False, width=32)),
    st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1)),
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(CELL, min_size=1, max_size=5))
def test_row_functions_are_batch_invariant_on_any_rows(cells: list[tuple[Any, Any]]) -> None:
    transform = transform_of(row_share)
    whole = transform.serve({"delay": [each for each, _ in cells], "minutes": [each for _, each in cells]})
    frame = columns_of(transform.serve(offline_frame(cells)))
    for at, (delay, minutes) in enumerate(cells):
        alone = transform.serve({"delay": [delay], "minutes": [minutes]})
        for name in whole:
            assert same(whole[name][at], alone[name][0])
            assert same(frame[name][at], alone[name][0])
