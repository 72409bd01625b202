"""For any values: a seeded pattern is named with its parameters, one cell off it is not, and noise is never named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pattern_cases import NOON, told

lawful = settings(derandomize=True, deadline=None, max_examples=12, database=None)
SIGN = st.sampled_from([-1.0, 1.0])
SIZES = st.floats(0.001, 1e6)
NUMBER = st.builds(lambda size, sign: size * sign, SIZES, SIGN)
MANY = st.lists(NUMBER, min_size=5, max_size=30, unique=True)
FEW_VALUES = st.lists(st.integers(0, 9), min_size=5, max_size=40)
DTYPES = {"Float64": pa.float64(), "Float32": pa.float32()}


def served(dtype: str, values: list[float]) -> pa.Array:
    return pa.array(values, DTYPES[dtype])


@given(MANY, NUMBER, st.sampled_from(sorted(DTYPES)))
@lawful
def test_a_scale_is_found_with_its_ratio(trained: list[float], ratio: float, dtype: str) -> None:
    assume(abs(ratio - 1) > 1e-2 and max(map(abs, trained)) < 1e3 * min(map(abs, trained)))
    found = told(dtype, pa.array(trained), served(dtype, [each * ratio for each in trained]))
    assert found.causes() == {"unit_scale"}
    assert found.evidence()["ratio"] == pytest.approx(ratio, rel=1e-6 if dtype == "Float32" else 1e-12)


@given(MANY, NUMBER, st.floats(0.01, 100), SIGN, st.data())
@lawful
def test_a_line_is_found_and_one_cell_off_it_is_not(
    trained: list[float], slope: float, share: float, sign: float, data: Any
) -> None:
    spread = max(trained) - min(trained)
    assume(spread > 1e-3 * max(map(abs, trained)))
    intercept = sign * share * abs(slope) * spread
    line = [each * slope + intercept for each in trained]
    found = told("Float64", trained, line)
    assert found.causes() == {"rescaled"}
    assert found.evidence()["slope"] == pytest.approx(slope, rel=1e-9)
    assert found.evidence()["intercept"] == pytest.approx(intercept, rel=1e-6)
    line[data.draw(st.integers(0, len(line) - 1))] += 1e-3 * abs(slope) * spread
    assert told("Float64", trained, line).cells == {}


@given(MANY, NUMBER, st.data())
@lawful
def test_one_cell_off_a_scale(trained: list[float], ratio: float, data: Any) -> None:
    assume(abs(ratio - 1) > 1e-2)
    scaled = [each * ratio for each in trained]
    scaled[data.draw(st.integers(0, len(scaled) - 1))] *= 1.0001
    assert told("Float64", trained, scaled).cells == {}


@given(st.lists(st.integers(0, 10**9), min_size=5, max_size=20, unique=True), st.integers(-104, 104), st.data())
@lawful
def test_a_shift_of_time(seconds: list[int], quarters: int, data: Any) -> None:
    assume(quarters)
    trained = [NOON - timedelta(seconds=each) for each in seconds]
    shifted = [each + timedelta(minutes=15 * quarters) for each in trained]
    found = told("UnixTimestamp", trained, shifted)
    assert found.evidence()["shift_seconds"] == 900 * quarters
    shifted[data.draw(st.integers(0, len(shifted) - 1))] += timedelta(minutes=15)
    assert told("UnixTimestamp", trained, shifted).cells == {}


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=5, max_size=12, unique_by=str.casefold))
@lawful
def test_texts_in_capitals(trained: list[str]) -> None:
    capitals = [each.upper() for each in trained]
    cells = sum(one != other for one, other in zip(trained, capitals, strict=True))
    found = told("String", trained, capitals)
    assume(cells >= 5)
    assert found.causes() == {"text_form"}


@given(MANY, st.randoms(use_true_random=False), st.data())
@lawful
def test_a_permutation_of_entities(trained: list[float], chance: Any, data: Any) -> None:
    rotated = list(range(len(trained)))
    chance.shuffle(rotated)
    order = dict(zip(rotated, rotated[1:] + rotated[:1], strict=True))  # one cycle: nobody keeps its value
    moved = [trained[order[each]] for each in range(len(trained))]
    found = told("Float64", trained, moved)
    # Numbers in another order may lie on a line: three of them soon do, five hardly ever.
    assert found.causes() == {"swapped_entity"}
    assert {row: said["entity"]["driver_id"] for (_, row), (_, said) in found.cells.items()} == order
    moved[data.draw(st.integers(0, len(moved) - 1))] += 0.5
    assert told("Float64", trained, moved).cells == {}


@given(st.data())
@lawful
def test_random_numbers_have_no_pattern(data: Any) -> None:
    chance = data.draw(st.randoms(use_true_random=False))
    size, kind = data.draw(st.integers(5, 40)), data.draw(st.sampled_from(["uniform", "near", "whole", "decimal"]))
    draw = {
        "uniform": lambda: (chance.uniform(-100, 100), chance.uniform(-100, 100)),
        "near": lambda: (base := chance.uniform(1, 100), base * (1 + chance.uniform(-1e-3, 1e-3))),
        "whole": lambda: (chance.randint(0, 50), chance.randint(0, 50)),
        "decimal": lambda: (round(chance.uniform(0, 10), 1), round(chance.uniform(0, 10), 1)),
    }[kind]
    trained, wrong, other = zip(*((*draw(), draw()[0]) for _ in range(size)), strict=True)
    dtype = "Int64" if kind == "whole" else "Float64"
    assert told(dtype, list(trained), list(wrong), others={"w:other": list(other)}).cells == {}


@given(FEW_VALUES, st.randoms(use_true_random=False))
@lawful
def test_random_grades_have_no_pattern(trained: list[int], chance: Any) -> None:
    wrong, other = ([chance.randint(0, 9) for _ in trained] for _ in range(2))
    assert told("Int64", trained, wrong, others={"w:other": other}).cells == {}
    words, wrong_words = ([f"grade {each}" for each in grades] for grades in (trained, wrong))
    assert told("String", words, wrong_words, others={"w:other": [f"grade {each}" for each in other]}).cells == {}


@given(st.lists(st.tuples(NUMBER, st.integers(0, 4)), min_size=5, max_size=40))
@lawful
def test_numbers_cut_to_any_digit_are_no_line(pairs: list[tuple[float, int]]) -> None:
    digits = pairs[0][1]
    trained = [round(number, digits + 1) for number, _ in pairs]
    cut = [int(each * 10**digits) / 10**digits for each in trained]
    assert told("Float64", trained, cut).cells == {}
    assert told("Float64", cut, trained).cells == {}


@given(st.lists(st.none() | st.booleans(), min_size=5, max_size=40), st.randoms(use_true_random=False))
@lawful
def test_flags_have_no_pattern_but_a_default(trained: list[bool | None], chance: Any) -> None:
    wrong = [None if chance.random() < 0.3 else not each for each in trained]
    assert told("Bool", trained, wrong, arrow_type=pa.bool_()).causes() <= {"null_default"}


@given(st.lists(st.integers(0, 10**5), min_size=5, max_size=30), st.randoms(use_true_random=False))
@lawful
def test_random_times_have_no_pattern(minutes: list[int], chance: Any) -> None:
    trained = [NOON + timedelta(minutes=each) for each in minutes]
    late = [each + timedelta(minutes=15 * chance.randint(1, 20)) for each in trained]
    assert told("UnixTimestamp", trained, late).cells == {}
