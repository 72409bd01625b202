"""What the reruns of an on-demand transform prove, and what they do not: a cause, or none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from skewguard import sql
from skewguard.causes.on_demand import OnDemandCase, name_on_demand_causes
from skewguard.equality.rules import rule_of
from skewguard.model import FeatureSpec, JoinKey, Side, ViewKind, ViewSpec

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
INPUT = FeatureSpec(view="stats", name="rate", dtype="Float64")
# A cell whose sides are reproduced, and of which nothing else is known.
OFFLINE, ONLINE = 10.0, 4.0
STEADY: dict[str, Any] = {
    "offline_0": OFFLINE, "offline_1": OFFLINE, "online_0": ONLINE, "online_1": ONLINE, "served": ONLINE,
}  # fmt: skip
OWN = {**STEADY, "alone": OFFLINE, "types": OFFLINE}


@pytest.fixture
def connection() -> Iterator[sql.Connection]:
    with sql.connect() as opened:
        yield opened


def side(value: Any, *, made: bool = True, **columns: Any) -> Side:
    """One row; a text that names an error class is an error."""
    error = value if isinstance(value, str) and "Error" in value else None
    values = pa.array([None if error else value], None if value is not None and not error else pa.float64())
    table = {"row_id": pa.array([7]), "v0": values, "error": pa.array([error], pa.string()), "returned": [made]}
    return Side(table=pa.table({**table, **columns}))


def named(
    connection: sql.Connection,
    *,
    offline: Any = OFFLINE,
    online: Any = ONLINE,
    source: Any = None,
    inputs: tuple[Any, Any, Any] = (1.0, 1.0, 1.0),
    dtype: str = "Float64",
    live: bool = False,
    stored: bool = False,
    facts: dict[str, Any] | None = None,
    **runs: Any,
) -> tuple[str | None, dict[str, Any]]:
    """The cause of the one cell, and its evidence. `inputs`: offline, online, and offline as online stores hold it."""
    feature = FeatureSpec(view="made", name="x", dtype=dtype)
    view = ViewSpec(
        name="made", base_name="made", kind=ViewKind.ON_DEMAND, features=(feature,), inputs=("stats",), stored=stored,
        join_keys=(JoinKey(name="driver", column="driver", dtype="Int64"),),
    )  # fmt: skip
    defaults = {"returned": True, "alike": inputs[0] == inputs[1], "beyond": [], "null_inputs": [], "made_float": []}
    columns = {name: [value] for name, value in (defaults | (facts or {})).items()}
    case = OnDemandCase(
        view=view, rules=(rule_of(dtype),), rows=pa.table({"row_id": pa.array([7])}), live=live, now=NOW,
        source=side(source, k0=pa.array([source is not None])), offline=side(offline), online=side(online),
        cells=pa.table({"row_id": pa.array([7]), "position": pa.array([0], pa.int32()), "skewed": [True]}),
        inputs=(INPUT,), input_rules=(rule_of(INPUT.dtype),), offline_inputs=side(inputs[0]),
        online_inputs=side(inputs[1]), fed_inputs=side(inputs[2]), runs={name: side(run) for name, run in runs.items()},
        facts=pa.table({"row_id": pa.array([7]), **columns}, schema=FACTS),
    )  # fmt: skip
    found = name_on_demand_causes(connection, case).to_pylist()
    return (found[0]["cause"], json.loads(found[0]["evidence"])) if found else (None, {})


NAMES = pa.list_(pa.string())
FACTS = pa.schema(
    {"row_id": pa.int64(), "returned": pa.bool_(), "alike": pa.bool_(), "beyond": NAMES, "null_inputs": NAMES,
     "made_float": NAMES}
)  # fmt: skip
SKEWED = (1.0, 2.0, 1.0)


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ({**OWN}, None),
        ({**OWN, "alone": ONLINE}, "batch_dependent"),
        ({**OWN, "alone": ONLINE, "types": ONLINE, "nulls": ONLINE}, "batch_dependent"),
        ({**OWN, "alone": 5.0}, None),
        ({**OWN, "types": ONLINE}, "input_type"),
        ({**OWN, "types": ONLINE, "nulls": ONLINE}, "null_handling"),
        ({**OWN, "types": ONLINE, "nulls": OFFLINE}, "input_type"),
        ({**OWN, "declared": ONLINE, "facts": {"beyond": ["at"]}}, "undeclared_input"),
        ({**OWN, "declared": ONLINE}, None),
        ({**OWN, "declared": ONLINE, "types": ONLINE, "facts": {"beyond": ["at"]}}, "undeclared_input"),
        ({**OWN, "alone": ONLINE, "offline_1": 11.0}, "nondeterministic"),
        ({**OWN, "alone": ONLINE, "online_1": 11.0}, "nondeterministic"),
    ],
)
def test_the_first_that_fits(connection: sql.Connection, given: dict[str, Any], cause: str | None) -> None:
    assert named(connection, **given)[0] == cause


@pytest.mark.parametrize("lost", ["offline_0", "served"])
def test_nothing_is_said_of_a_side_that_a_rerun_does_not_reproduce(connection: sql.Connection, lost: str) -> None:
    changed = {**OWN, "alone": ONLINE, "types": ONLINE, lost: 77.0}
    changed |= {"offline_1": changed["offline_0"]}
    assert named(connection, **changed) == (None, {})
    assert named(connection, **{**OWN, "alone": ONLINE})[0] == "batch_dependent"


def test_nothing_is_said_without_reruns(connection: sql.Connection) -> None:
    assert named(connection) == (None, {})
    assert named(connection, inputs=SKEWED) == (None, {})


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ({**OWN, "fed": OFFLINE}, "inherited"),
        ({**OWN, "fed": 5.0, "swapped": ONLINE}, "inherited"),
        ({**OWN, "fed": 5.0, "swapped": 6.0}, None),
        # Serving answers the same whatever the input is: that its input is skewed, too, is not why.
        ({**OWN, "fed": ONLINE, "swapped": ONLINE, "alone": ONLINE}, "batch_dependent"),
        ({**OWN, "fed": ONLINE, "types": ONLINE}, "input_type"),
        ({**OWN, "fed": 5.0, "alone": ONLINE}, None),
        ({**STEADY, "fed": OFFLINE, "served": 3.0}, None),
    ],
)
def test_skewed_inputs(connection: sql.Connection, given: dict[str, Any], cause: str | None) -> None:
    found, evidence = named(connection, inputs=SKEWED, **given)
    assert found == cause
    if cause == "inherited":
        assert evidence["inputs"] == {"stats:rate": {"offline": "1.0", "online": "2.0"}}


def test_inputs_that_no_online_store_can_hold_are_inherited_and_no_fault_of_the_transform(
    connection: sql.Connection,
) -> None:
    given = {**OWN, "fed": ONLINE, "types": ONLINE, "nulls": ONLINE, "swapped": ONLINE}
    assert named(connection, inputs=(7.9, 7.0, 7.0), **given)[0] == "inherited"
    assert named(connection, inputs=(7.9, 7.0, 7.0), **{**given, "swapped": 5.0}) == (None, {})


def test_inputs_that_differ_less_than_they_may_are_not_skewed(connection: sql.Connection) -> None:
    near = (1.0, 1.0 + 1e-12, 1.0)
    assert named(connection, inputs=near, **{**OWN, "fed": OFFLINE, "swapped": ONLINE}) == (None, {})
    assert named(connection, inputs=near, **{**OWN, "fed": ONLINE, "types": ONLINE})[0] == "input_type"


def test_what_the_declared_dtype_cuts_off_is_no_cause_of_these(connection: sql.Connection) -> None:
    runs = {"offline_0": 7.9, "offline_1": 7.9, "online_0": 7.9, "online_1": 7.9, "served": 7}
    typed = {f"{name}_typed": 7 for name in ("alone", "types", "declared")}
    runs |= {"alone": 7.9, "types": 7.9, "declared": 7.9, **typed}
    assert named(connection, offline=7.9, online=7, dtype="Int64", facts={"beyond": ["at"]}, **runs) == (None, {})


def test_a_run_may_agree_once_it_is_typed_as_serving_types_it(connection: sql.Connection) -> None:
    runs = {"offline_0": 9.9, "offline_1": 9.9, "online_0": 7.9, "online_1": 7.9, "served": 7}
    found = named(connection, offline=9.9, online=7, dtype="Int64", **runs, alone=7.9, alone_typed=7)
    assert found[0] == "batch_dependent"


RAISED = "TypeError: loop of ufunc does not support argument 0"


def test_errors_agree_by_their_class(connection: sql.Connection) -> None:
    raised = {**OWN, "served": RAISED, "online_0": RAISED, "online_1": RAISED}
    other = "TypeError: bad operand type for abs(): 'NoneType'"
    assert named(connection, online=RAISED, **{**raised, "nulls": other})[0] == "null_handling"
    assert named(connection, online=RAISED, **{**raised, "nulls": "KeyError: 'rate'"}) == (None, {})
    assert named(connection, online=RAISED, **{**raised, "nulls": ONLINE}) == (None, {})


def test_null_is_an_output_like_any_other(connection: sql.Connection) -> None:
    runs = {**OWN, "served": None, "online_0": None, "online_1": None, "alone": float("nan")}
    assert named(connection, online=None, **runs)[0] == "batch_dependent"


@pytest.mark.parametrize(("live", "cause"), [(True, "stored_on_demand"), (False, None)])
def test_only_a_deployed_output_can_be_out_of_date(connection: sql.Connection, live: bool, cause: str | None) -> None:
    runs = {**STEADY, "served": OFFLINE, "online_0": OFFLINE, "online_1": OFFLINE}
    assert named(connection, live=live, stored=True, **runs)[0] == cause
    assert named(connection, live=live, stored=False, **runs)[0] is None
    assert named(connection, live=live, stored=True, **{**runs, "served": 5.0})[0] is None


@pytest.mark.parametrize(
    ("source", "given", "cause"),
    [
        (10.0, {}, "offline_dropped"),
        (None, {}, None),
        (None, {"swapped": ONLINE}, "inherited"),
        (10.0, {"swapped": ONLINE}, "offline_dropped"),
    ],
)
def test_rows_that_the_offline_store_lost(
    connection: sql.Connection, source: Any, given: dict[str, Any], cause: str | None
) -> None:
    runs = {"online_0": ONLINE, "online_1": ONLINE, "served": ONLINE, **given}
    facts = {"returned": False, "alike": False}
    assert named(connection, offline=None, source=source, inputs=(None, 2.0, None), facts=facts, **runs)[0] == cause
