"""Answers go to the entity rows that asked, whatever a store does to their order, number and types."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skewguard.feature_store.matching import comparable, keys_of, occurrences, pair

THEN = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
KEY = UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")


def test_answers_in_another_order() -> None:
    found = pair(["a", "b", "c"], ["c", "a"])
    assert (found.positions.tolist(), found.repeated, found.strangers) == ([1, -1, 0], 0, 0)


def test_the_first_of_repeated_answers_counts() -> None:
    found = pair(["a", "b"], ["b", "a", "b"])
    assert (found.positions.tolist(), found.repeated, found.strangers) == ([1, 0], 1, 0)


def test_answers_that_nobody_asked_for() -> None:
    found = pair(["a"], ["z", "a"])
    assert (found.positions.tolist(), found.repeated, found.strangers) == ([1], 0, 1)


def test_equal_rows_take_equal_answers_in_turn() -> None:
    found = pair(["a", "b", "a", "a"], ["a", "b", "a", "z"])
    assert (found.positions.tolist(), found.repeated, found.strangers) == ([0, 1, 2, -1], 0, 1)


def test_no_rows_and_no_answers() -> None:
    assert pair([], []).positions.tolist() == []
    assert pair([()], [()]).positions.tolist() == [0]


@given(st.lists(st.sampled_from("abcd")), st.randoms(use_true_random=False))
def test_every_answered_row_is_paired_with_an_equal_answer(asked: list[str], random: object) -> None:
    answered = list(asked)
    random.shuffle(answered)  # type: ignore[attr-defined]
    found = pair(asked, answered)
    assert sorted(found.positions.tolist()) == list(range(len(asked)))
    assert [answered[position] for position in found.positions] == asked
    assert (found.repeated, found.strangers) == (0, 0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pa.array([1, None], pa.int64()), pa.array([1, None], pa.int32())),
        (pa.array([1, 2], pa.int64()), pa.array([1.0, 2.0])),
        (pa.array([1, 2], pa.int64()), pa.array([Decimal("1.0"), Decimal("2.0")])),
        (pa.array([1.5, None]), pa.array([1.5, float("nan")])),
        (pa.array(["x"]), pa.array(["x"], pa.large_string())),
        (pa.array([THEN], pa.timestamp("us", tz="UTC")), pa.array([THEN], pa.timestamp("ns", tz="UTC"))),
        (pa.array([THEN], pa.timestamp("us", tz="UTC")), pa.array([THEN.replace(tzinfo=None)], pa.timestamp("us"))),
        (pa.array([THEN], pa.timestamp("us", tz="UTC")), pa.array([THEN], pa.timestamp("us", tz="America/New_York"))),
        (pa.array([date(2026, 3, 1)]), pa.array([datetime(2026, 3, 1)], pa.timestamp("ns"))),
        (pa.array([str(KEY)]), pa.array([str(KEY)]).dictionary_encode()),
        (pa.array([{"a": 1}]), pa.array([{"a": 1.0, "b": None}])),
        (pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())), pa.array([{"a": 1}])),
        (pa.array([[1, None]]), pa.array([[1.0, None]])),
    ],
)
def test_types_that_change_through_a_store_compare_equal(one: pa.Array, other: pa.Array) -> None:
    assert comparable(one) == comparable(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pa.array([2**53 + 1], pa.int64()), pa.array([2**53], pa.int64())),
        (pa.array(["1"]), pa.array([1])),
        (pa.array([b"a"]), pa.array(["a"])),
        (
            pa.array([THEN], pa.timestamp("us", tz="UTC")),
            pa.array([THEN.replace(microsecond=0)], pa.timestamp("us", tz="UTC")),
        ),
    ],
)
def test_other_values_stay_apart(one: pa.Array, other: pa.Array) -> None:
    assert comparable(one) != comparable(other)


def test_rows_without_keys_are_all_alike() -> None:
    table = pa.table({"row_id": [1, 2]})
    assert keys_of(table, []) == [(), ()]
    assert occurrences(keys_of(table, [])).tolist() == [0, 1]


def test_of_two_columns_of_one_name_the_first_is_the_key() -> None:
    table = pa.table([pa.array([1]), pa.array([2])], names=["k", "k"])
    assert keys_of(table, ["k"]) == [(1,)]
