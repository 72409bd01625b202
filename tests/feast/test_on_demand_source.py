"""The source value of an on-demand feature: its transform on source inputs, in a batch and alone, where they agree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from feast import Entity, FeatureView, Field, RequestSource, ValueType
from feast.on_demand_feature_view import OnDemandFeatureView
from feast.types import Float64, Int64, String

from skewguard.feature_store.on_demand import transform_source
from skewguard.feature_store.sides import side
from skewguard.feature_store.transform import same
from skewguard.model import Side, ViewKind, ViewSpec
from tests.feast.reading import Scratch, column, events, hours, rows, spec, values

pytestmark = pytest.mark.feast

FV = spec("fv", {"amount": "Float64", "visits": "Int64"}, {"k": "Int64"})
SMALL = spec("fv", {"amount": "Float32", "visits": "Int64"}, {"k": "Int64"})


def registered(
    tmp_path: Path, source: str, *, dtype: Any = Float64, mode: str = "pandas", request: bool = False, **options: Any
) -> Any:
    """A store with one on-demand view `od:out` whose transform has the source text `source`."""
    scratch = Scratch(tmp_path)
    key = Entity(name="k", join_keys=["k"], value_type=ValueType.INT64)
    table = events([hours(-1)], k=[1], amount=[1.0], visits=[1])
    schema = [Field(name="amount", dtype=Float64), Field(name="visits", dtype=Int64)]
    fv = FeatureView(name="fv", source=scratch.source("s", table), entities=[key], schema=schema)
    asked = RequestSource(name="asked", schema=[Field(name="factor", dtype=Float64)])
    namespace: dict[str, Any] = {"pd": pd}
    exec(source, namespace)
    view = OnDemandFeatureView(
        name="od", schema=[Field(name="out", dtype=dtype)], sources=[fv, asked] if request else [fv],
        udf=namespace["f"], udf_string=source, mode=mode, **options,
    )  # fmt: skip
    store = scratch.store()
    store.apply([key, fv, view])
    return scratch.store()


def on_demand(dtype: str = "Float64", *, request: bool = False) -> ViewSpec:
    return spec(
        "od", {"out": dtype}, {"k": "Int64"}, kind=ViewKind.ON_DEMAND, inputs=["fv"],
        input_features=["fv:amount", "fv:visits"], request={"factor": "Float64"} if request else None,
    )  # fmt: skip


def inputs(table: pa.Table, amount: list[Any], visits: list[Any], known: list[bool] | None = None) -> dict[str, Side]:
    size = table.num_rows
    columns = [pa.array(amount, pa.float64()), pa.array(visits, pa.int64())]
    knowns = [pa.array(known or [True] * size), pa.array([True] * size)]
    return {"fv": side(table["row_id"], columns, known=knowns)}


ASKED = rows(k=[1, 2, 3])
BODY = "def f(inputs):\n"
PANDAS = BODY + "    return pd.DataFrame({'out': inputs['amount'] * 2})\n"
RunSource = Callable[..., Side]


@pytest.fixture
def run(tmp_path: Path) -> RunSource:
    def _run(
        source: str,
        amount: list[Any],
        visits: list[Any],
        *,
        view: ViewSpec | None = None,
        asked: pa.Table = ASKED,
        known: Any = None,
        **options: Any,
    ) -> Side:
        store = registered(tmp_path, source, **options)
        return transform_source(store, view or on_demand(), inputs(asked, amount, visits, known), {"fv": FV}, asked)

    return _run


def test_it_follows_from_the_source_values(run: RunSource) -> None:
    made = run(PANDAS, [1.0, None, 3.0], [1, 2, 3])
    assert values(made) == [2.0, None, 6.0]
    assert column(made, "k0") == [True] * 3
    assert (column(made, "row_id"), made.notes) == ([3, 5, 7], ())


def test_python_mode(run: RunSource) -> None:
    source = (
        BODY
        + "    return {'out': [None if a is None else a + v for a, v in zip(inputs['amount'], inputs['visits'])]}\n"
    )
    made = run(source, [1.0, None, 3.0], [2**53 + 1, 2, 3], mode="python")
    assert values(made) == [1.0 + 2**53 + 1, None, 6.0]
    assert column(made, "k0") == [True] * 3


def test_request_data_reaches_the_transform(run: RunSource) -> None:
    source = BODY + "    return pd.DataFrame({'out': inputs['amount'] * inputs['factor']})\n"
    asked = rows(k=[1, 1, 2], factor=[1.0, 2.0, None])
    made = run(source, [5.0, 5.0, 7.0], [1, 1, 2], view=on_demand(request=True), asked=asked, request=True)
    assert values(made) == [5.0, 10.0, None]


def test_what_depends_on_the_batch_has_no_source_value(run: RunSource) -> None:
    made = run(
        BODY + "    return pd.DataFrame({'out': inputs['amount'] - inputs['amount'].mean()})\n",
        [1.0, 2.0, 6.0],
        [1, 1, 1],
    )
    assert column(made, "k0") == [False] * 3
    assert made.notes == ("od:out: on source values, 3 of 3 rows differ between a batch and the row alone",)


def test_rows_that_agree_by_themselves_keep_their_value(run: RunSource) -> None:
    made = run(BODY + "    return pd.DataFrame({'out': inputs['amount'].cumsum()})\n", [1.0, 2.0, 6.0], [1, 1, 1])
    assert column(made, "k0") == [True, False, False]
    assert values(made)[0] == 1.0


def test_a_transform_that_reorders_rows(run: RunSource) -> None:
    source = BODY + "    return pd.DataFrame({'out': inputs['amount']}).sort_values('out').reset_index(drop=True)\n"
    assert column(run(source, [3.0, 2.0, 1.0], [1, 1, 1]), "k0") == [False, True, False]


def test_a_transform_that_loses_rows(run: RunSource) -> None:
    made = run(BODY + "    return pd.DataFrame({'out': inputs['amount']}).dropna()\n", [3.0, None, 1.0], [1, 1, 1])
    assert column(made, "k0") == [False] * 3
    assert made.notes == ("od: on 3 source rows the transform returns 2",)


def test_a_transform_that_raises_in_a_batch(run: RunSource) -> None:
    source = BODY + "    assert len(inputs) == 1\n    return pd.DataFrame({'out': inputs['amount']})\n"
    made = run(source, [3.0, 2.0, 1.0], [1, 1, 1])
    assert column(made, "k0") == [False] * 3
    assert made.notes[0].startswith("od: on source values the transform raises: AssertionError")


def test_a_row_that_raises_alone(run: RunSource) -> None:
    source = (
        BODY
        + "    assert len(inputs) > 1 or inputs['amount'].iloc[0] != 2\n"
        + "    return pd.DataFrame({'out': inputs['amount']})\n"
    )
    made = run(source, [3.0, 2.0, 1.0], [1, 1, 1])
    assert column(made, "k0") == [True, False, True]
    assert made.notes[0].startswith("od: on source values the transform raises for 1 rows alone: AssertionError")


def test_an_input_without_a_source_value_gives_none(run: RunSource) -> None:
    made = run(PANDAS, [1.0, 2.0, 3.0], [1, 2, 3], known=[True, False, True])
    assert column(made, "k0") == [True, False, True]


def test_alone_and_in_a_batch_have_the_same_types(run: RunSource) -> None:
    """A null elsewhere makes a whole-number column float, alone too: what differs by that is `input_type`."""
    source = BODY + "    return pd.DataFrame({'out': [str(inputs['visits'].dtype)] * len(inputs)})\n"
    made = run(source, [1.0, 2.0, 3.0], [1, None, 3], view=on_demand("String"), dtype=String)
    assert values(made) == ["float64"] * 3
    assert column(made, "k0") == [True] * 3


def test_a_transform_that_writes_to_its_input_changes_no_other_row(run: RunSource) -> None:
    source = BODY + "    inputs['amount'] = inputs['amount'] * 2\n    return pd.DataFrame({'out': inputs['amount']})\n"
    made = run(source, [1.0, 2.0, 3.0], [1, 1, 1])
    assert (values(made), column(made, "k0")) == ([2.0, 4.0, 6.0], [True] * 3)


def test_rounding_within_the_tolerance_agrees(run: RunSource, tmp_path: Path) -> None:
    nudge = BODY + "    return pd.DataFrame({'out': inputs['amount'] * (1 + %s * (len(inputs) > 1))})\n"
    assert column(run(nudge % "1e-10", [1.0, 2.0, 3.0], [1, 1, 1]), "k0") == [True] * 3
    store = registered(tmp_path / "coarse", nudge % "1e-7")
    given = inputs(ASKED, [1.0, 2.0, 3.0], [1, 1, 1])
    assert column(transform_source(store, on_demand(), given, {"fv": FV}, ASKED), "k0") == [False] * 3
    assert column(transform_source(store, on_demand(), given, {"fv": SMALL}, ASKED), "k0") == [True] * 3


def test_a_singleton_has_no_batch_and_so_no_source_value(run: RunSource) -> None:
    source = BODY + "    return {'out': (inputs['amount'] or 0.0) + 2}\n"
    made = run(source, [1.0, 2.0, 3.0], [1, 1, 1], mode="python", singleton=True)
    assert column(made, "k0") == [False] * 3
    assert "raises" in made.notes[0]


def test_a_feature_that_the_transform_does_not_return(tmp_path: Path) -> None:
    store = registered(tmp_path, PANDAS)
    view = spec("od", {"out": "Float64", "other": "Float64"}, {"k": "Int64"}, kind=ViewKind.ON_DEMAND, inputs=["fv"])
    made = transform_source(store, view, inputs(ASKED, [1.0, 2.0, 3.0], [1, 1, 1]), {"fv": FV}, ASKED)
    assert column(made, "k0") == [True] * 3
    assert column(made, "k1") == [False] * 3


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (None, float("nan"), True),
        (None, 0.0, False),
        (1.0, 1.0 + 1e-10, True),
        (1.0, 1.0 + 1e-8, False),
        (float("inf"), float("inf"), True),
        (float("inf"), 1e300, False),
        (2, 2.0, True),
        ([1.0, None], [1.0 + 1e-12, float("nan")], True),
        ([1.0], [1.0, 2.0], False),
        ({"a": 1.0}, {"a": 1.0}, True),
        ({"a": 1.0}, {"b": 1.0}, False),
        ("1", 1, False),
    ],
)
def test_agreement(one: Any, other: Any, expected: bool) -> None:
    assert same(one, other, 1e-9) is expected
