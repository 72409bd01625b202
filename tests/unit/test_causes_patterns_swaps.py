"""Values in the wrong place: those of another feature, or of another entity, and nothing that only looks like it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pattern_cases import NOON, told

PRICES = [19.99, 5.49, 102.3, 0.99, 44.5, 7.77, 63.1, 12.0]
WEIGHTS = [1.2, 0.3, 17.9, 0.05, 3.3, 88.1, 2.25, 9.4]


def rotated(values: list, by: int = 1) -> list:
    return values[by:] + values[:by]


def test_two_features_of_a_view_trade_places() -> None:
    found = told(["Float64", "Float64"], [PRICES, WEIGHTS], [WEIGHTS, PRICES])
    assert found.causes(0) == found.causes(1) == {"swapped_feature"}
    assert found.evidence(0) == {"feature": "v:f 1", "cells": 8}
    assert found.evidence(1) == {"feature": "v:f 0", "cells": 8}


def test_a_feature_of_another_view() -> None:
    found = told("Float32", PRICES, pa.array(WEIGHTS, pa.float32()), others={"w:a": rotated(WEIGHTS), "w:b": WEIGHTS})
    assert found.evidence() == {"feature": "w:b", "cells": 8}
    assert told("Float64", PRICES, [*WEIGHTS[:7], 9.5], others={"w:b": WEIGHTS}).cells == {}


def test_the_other_feature_takes_its_nulls_along() -> None:
    weights = [None, *WEIGHTS[1:]]
    assert told("Float64", PRICES, weights, others={"w:b": weights}).causes() == {"swapped_feature"}


def test_no_source_value_proves_nothing() -> None:
    assert told(["Float64"] * 2, [PRICES, WEIGHTS], [WEIGHTS, WEIGHTS], source=None).cells == {}
    known = {1: [True] * 7 + [False]}
    assert told(["Float64"] * 2, [PRICES, WEIGHTS], [WEIGHTS, WEIGHTS], known=known).cells == {}


def test_values_that_are_right_are_nobody_elses() -> None:
    """Where offline departs and online is right, a copy of the feature, or the rows as they are, prove nothing."""
    wrong = [each * each + 3 for each in PRICES]
    found = told(["Float64"] * 2, [wrong, PRICES], [PRICES, PRICES], source=[PRICES, PRICES])
    assert found.cells == {}
    assert told("Float64", wrong, PRICES, source=PRICES, others={"w:copy": PRICES}).cells == {}
    assert told("Float64", PRICES[::-1], PRICES, source=PRICES).cells == {}


def test_categories_agree_with_another_feature_by_luck() -> None:
    sizes, colours = ["s", "m", "l"] * 2, ["m", "l", "s"] * 2
    assert told("String", sizes, colours, others={"w:c": colours}).cells == {}
    assert told("Bool", [True, False] * 4, [False, True] * 4, others={"w:c": [False, True] * 4}).cells == {}


def test_a_scaled_feature_is_scaled_before_it_is_swapped() -> None:
    scaled = [each * 100 for each in PRICES]
    assert told("Float64", PRICES, scaled, others={"w:cents": scaled}).causes() == {"unit_scale"}


def test_entities_in_another_order() -> None:
    shuffled = [5, 0, 7, 1, 6, 2, 3, 4]
    served = [PRICES[each] for each in shuffled]
    found = told("Float64", PRICES, served)
    assert found.causes() == {"swapped_entity"}
    named = {row_id: evidence["entity"] for (_, row_id), (_, evidence) in found.cells.items()}
    assert named == {row_id: {"driver_id": other} for row_id, other in enumerate(shuffled)}
    assert found.evidence()["pairs"] == "permutation"


def test_an_order_that_leaves_some_in_place_and_some_null() -> None:
    prices = [None, *PRICES[1:], 77.7]
    order = [3, 1, 2, 0, 8, 4, 5, 6, 7]
    assert told("Float64", prices, [prices[each] for each in order]).causes() == {"swapped_entity"}


def test_single_floats_of_double_sources_are_found_again() -> None:
    served = pa.array([PRICES[each] for each in (5, 0, 7, 1, 6, 2, 3, 4)], pa.float32())
    assert told("Float32", pa.array(PRICES), served).causes() == {"swapped_entity"}


def test_keys_off_by_a_constant() -> None:
    keys = {"region": ["a"] * 4 + ["b"] * 4, "driver_id": [10, 13, 16, 19] * 2}
    served = [*PRICES[1:4], None, *PRICES[5:], None]
    found = told("Float64", PRICES, served, keys=keys)
    assert found.evidence() == {
        "pairs": "shift", "key": "driver_id", "shift": 3, "entity": {"region": "a", "driver_id": 13}, "cells": 8,
    }  # fmt: skip
    served[3] = 5.49
    assert told("Float64", PRICES, served, keys=keys).cells == {}


def test_one_value_from_nowhere_is_no_order() -> None:
    served = [PRICES[each] for each in (5, 0, 7, 1, 6, 2, 3, 4)]
    assert told("Float64", PRICES, [*served[:7], 44.6]).cells == {}
    assert told("Float64", PRICES, [*served[:7], 102.3]).cells == {}, "a value twice is no permutation"
    assert told("Float64", PRICES, served, source=None).cells == {}


def test_grades_are_a_permutation_by_luck() -> None:
    grades = [1, 2, 3, 3, 2, 1]
    assert told("Int64", grades, [2, 3, 1, 2, 1, 3]).cells == {}


def test_values_change_places_within_one_instant_only() -> None:
    later = [NOON] * 4 + [NOON + timedelta(hours=1)] * 4
    keys = {"driver_id": [0, 1, 2, 3] * 2}
    assert told("Float64", PRICES, PRICES[4:] + PRICES[:4], keys=keys, as_of=later).cells == {}
    within = [*rotated(PRICES[:4], 2), *rotated(PRICES[4:], 1)]
    assert told("Float64", PRICES, within, keys=keys, as_of=later).causes() == {"swapped_entity"}


def test_texts_and_lists_change_places_too() -> None:
    order = [5, 0, 7, 1, 6, 2, 3, 4]
    words = [f"street {each}" for each in PRICES]
    assert told("String", words, [words[each] for each in order]).causes() == {"swapped_entity"}
    vectors = [[price, weight] for price, weight in zip(PRICES, WEIGHTS, strict=True)]
    assert told("Array(Float64)", vectors, [vectors[each] for each in order]).causes() == {"swapped_entity"}


@pytest.mark.parametrize(
    ("dtype", "make"),
    [
        ("Struct({a: Float64})", lambda price: {"a": price}),
        ("Json", lambda price: json.dumps({"a": price})),
        ("Bytes", lambda price: str(price).encode()),
        ("Set(String)", lambda price: [str(price), "x"]),
        ("Decimal", lambda price: Decimal(str(price))),
        ("Array(Array(Int64))", lambda price: [[int(price * 100)], [1]]),
        ("UnixTimestamp", lambda price: NOON + timedelta(seconds=price * 1000)),
    ],
)
def test_values_of_any_type_change_places(dtype: str, make: Callable[[float], Any]) -> None:
    values = [make(price) for price in PRICES]
    moved = [values[each] for each in (5, 0, 7, 1, 6, 2, 3, 4)]
    assert told(dtype, values, moved).causes() == {"swapped_entity"}
    assert told(dtype, values, [*moved[:7], None], others={"w:other": values[::-1]}).cells == {}


def test_a_hundred_thousand_cells() -> None:
    seeded = random.Random(3)
    size = 100_000
    trained = [seeded.uniform(0, 1e6) for _ in range(size)]
    order = rotated(list(range(size)), 777)
    served = [trained[each] for each in order]
    found = told("Float64", trained, served, keys={"driver_id": list(range(size))})
    assert found.causes() == {"swapped_entity"}
