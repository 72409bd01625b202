"""The constants that a function's code names, and the values that columns take from them."""

from __future__ import annotations

from skewguard.code.constants import constants
from skewguard.proofs.examples import examples_of
from skewguard.proofs.subject import InputColumn, OnDemandSubject
from skewguard.proofs.values import named

LIMIT = 61
NAMES = {"late": -15.5}


def declared(note: str):
    """A decorator that returns the function itself."""
    return lambda function: function


@declared("said of it")
def judged(delay: float, carrier: str) -> bool:
    """No value of the code: 9999."""
    known = True
    return known and (delay > LIMIT or delay < NAMES["late"] or str(delay) == "2" or carrier == "B6")


def column(dtype: str, **more: object) -> InputColumn:
    return InputColumn(name="delay", dtype=dtype, named=constants(judged), **more)


def test_the_code_that_is_reached_is_read_without_docstrings_declarations_and_truth_values() -> None:
    assert set(constants(judged)) == {LIMIT, "late", -15.5, "2", "B6"}


def test_a_column_takes_what_its_type_holds() -> None:
    assert set(named(column("Int64"))) == {61, 2}
    assert set(named(column("Float64"))) == {61.0, -15.5, 2.0}
    assert set(named(column("String"))) == {"late", "2", "B6"}
    assert named(column("Bool")) == named(column("UnixTimestamp")) == []


def test_numbers_that_leave_a_type_are_not_tried() -> None:
    huge = InputColumn(name="x", dtype="Int64", named=(10**400, 2**62, "nan", "inf", 7))
    assert named(huge) == [7]


def test_examples_hold_them_beside_a_null() -> None:
    subject = OnDemandSubject(name="judged", inputs=(column("Int64"),), features=())
    found = examples_of(subject, [], count=40, seed=0)
    beside_null = [rows for rows in found if any(row["delay"] is None for row in rows)]
    assert any({61, 2} <= {row["delay"] for row in rows} for rows in beside_null)
