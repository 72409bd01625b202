"""Each pattern is named where it holds on every cell, with its parameters, and not where one cell is off."""

from __future__ import annotations

import math
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from pattern_cases import NOON, told

NUMBERS = [3.7, 12.9, 101.3, -7.25, 55.5, 0.125, 990.0, 41.77]
WORDS = ["Müller", " strasse", "Ĳssel", "ﬁne", "CAFÉ", "Oslo "]


def floats(values: list[float]) -> pa.Array:
    return pa.array(values, pa.float32())


def test_shift_of_timestamps() -> None:
    trained = [NOON + timedelta(seconds=977 * each) for each in range(6)]
    found = told("UnixTimestamp", trained, [each + timedelta(hours=5, minutes=45) for each in trained])
    assert found.causes() == {"timezone_shift"}
    assert found.evidence() == {"shift_seconds": 20700, "cells": 6}
    west = told("ZonedTimestamp", trained, [each - timedelta(hours=8) for each in trained])
    assert west.evidence()["shift_seconds"] == -28800


@pytest.mark.parametrize("shift", [timedelta(minutes=10), timedelta(hours=1, seconds=1), timedelta(seconds=899)])
def test_a_shift_that_no_time_zone_makes(shift: timedelta) -> None:
    trained = [NOON + timedelta(seconds=977 * each) for each in range(6)]
    assert told("UnixTimestamp", trained, [each + shift for each in trained]).cells == {}


def test_one_timestamp_shifted_otherwise() -> None:
    trained = [NOON + timedelta(seconds=977 * each) for each in range(6)]
    served = [each + timedelta(hours=1 + (at == 4)) for at, each in enumerate(trained)]
    assert told("UnixTimestamp", trained, served).cells == {}


def test_midnights_a_day_late_are_no_time_zone_by_luck() -> None:
    days = [datetime(2026, 3, 1 + each, tzinfo=UTC) for each in (0, 1, 2, 0, 1)]
    assert told("UnixTimestamp", days, [each + timedelta(days=1) for each in days]).cells == {}


def test_seconds_as_whole_numbers_and_dates() -> None:
    trained = [1_700_000_000 + 977 * each for each in range(6)]
    served = pa.array([each + 7200 for each in trained], pa.timestamp("s"))
    assert told("UnixTimestamp", pa.array(trained), served).evidence()["shift_seconds"] == 7200
    days = pa.array([date(2026, 1, 1) + timedelta(days=each * each) for each in range(8)])
    late = pa.array([datetime(2026, 1, 1, 5) + timedelta(days=each * each) for each in range(8)], pa.timestamp("us"))
    assert told("UnixTimestamp", days, late).evidence()["shift_seconds"] == 18000


@pytest.mark.parametrize(("offline", "online", "null"), [(None, 0.0, "offline"), (-1.0, None, "online")])
def test_null_against_a_constant(offline: Any, online: Any, null: str) -> None:
    rest = [1.5 + each for each in range(20)]
    found = told("Float64", [offline] * 5 + rest, [online] * 5 + rest, arrow_type=pa.float64())
    assert found.causes() == {"null_default"}
    assert found.evidence() == {"null": null, "constant": "0.0" if online == 0.0 else "-1.0", "cells": 5}


def test_nan_is_null_and_text_has_constants() -> None:
    assert told("Float64", [math.nan] * 6, [0.0] * 6).causes() == {"null_default"}
    assert told("String", ["unknown"] * 6, [None] * 6, arrow_type=pa.string()).causes() == {"null_default"}


def test_two_constants_or_nulls_on_both_sides_are_no_default() -> None:
    assert told("Int64", [None] * 6, [0] * 5 + [1], arrow_type=pa.int64()).cells == {}
    assert told("Int64", [None] * 5 + [0], [0] * 5 + [None], arrow_type=pa.int64()).cells == {}
    assert told("Int64", [None] * 5 + [7], [0] * 6, arrow_type=pa.int64()).cells == {}


def test_lost_flags_that_most_cells_have_are_no_default() -> None:
    flags = [True] * 25 + [False] * 5
    lost = [None] * 5 + flags[5:]
    assert told("Bool", flags, lost, arrow_type=pa.bool_()).cells == {}
    rare = [True] * 5 + [False] * 25
    assert told("Bool", rare, [None] * 5 + rare[5:], arrow_type=pa.bool_()).causes() == {"null_default"}


def test_text_in_another_form() -> None:
    served = ["MU\u0308LLER", "straße ", "ijssel", "FINE", "café", "oslo"]
    found = told("String", WORDS, served)
    assert found.causes() == {"text_form"}
    assert found.evidence() == {"equal_after": "NFKC, case folding, trimming", "folded": "müller", "cells": 6}
    assert told("String", WORDS, [*served[:5], "bergen"]).cells == {}


def test_lists_in_another_order() -> None:
    trained = [[each, each + 1, each + 1, 99 - each] for each in range(6)]
    assert told("Array(Int64)", trained, [each[::-1] for each in trained]).causes() == {"element_order"}
    words = [["a", "b", str(each)] for each in range(6)]
    assert told("Array(String)", words, [each[1:] + each[:1] for each in words]).causes() == {"element_order"}
    once = [each[::-1] for each in trained]
    once[3] = [3, 4, 96, 96]  # the same elements, not as often
    assert told("Array(Int64)", trained, once).cells == {}
    singles = pa.array([[each / 7, each / 3] for each in range(1, 7)], pa.list_(pa.float32()))
    doubles = pa.array([[each / 3, each / 7] for each in range(1, 7)], pa.list_(pa.float64()))
    assert told("Array(Float32)", doubles, singles).causes() == {"element_order"}


@pytest.mark.parametrize("ratio", [1000.0, 0.001, 1.609344, -1.0, 100 / 3, 1.02])
@pytest.mark.parametrize("dtype", ["Float64", "Float32"])
def test_another_unit(ratio: float, dtype: str) -> None:
    as_dtype = floats if dtype == "Float32" else pa.array
    found = told(dtype, pa.array(NUMBERS), as_dtype([each * ratio for each in NUMBERS]))
    assert found.causes() == {"unit_scale"}
    assert found.evidence()["ratio"] == pytest.approx(ratio, rel=1e-6 if dtype == "Float32" else 1e-12)
    assert found.evidence()["max_residual"] <= 1e-6 * 990 * abs(ratio)


def test_the_ratio_is_the_plain_number_that_it_is() -> None:
    assert told("Float32", NUMBERS, floats([each * 0.3048 for each in NUMBERS])).evidence()["ratio"] == 0.3048
    assert told("Int64", [1, 2, 3, 1, 2], [2, 4, 6, 2, 4]).evidence()["ratio"] == 2.0
    whole = [17, 230, 4, 56, 1000]
    assert told("Int64", whole, [each * 60 for each in whole]).evidence() == {
        "ratio": 60.0, "max_residual": 0.0, "cells": 5,
    }  # fmt: skip


def test_another_zero_and_unit() -> None:
    found = told("Float64", NUMBERS, [each * 1.8 + 32 for each in NUMBERS])
    assert found.causes() == {"rescaled"}
    assert (found.evidence()["slope"], found.evidence()["intercept"]) == (1.8, 32.0)
    mean, deviation = sum(NUMBERS) / 8, 331.9
    normal = told("Float32", NUMBERS, floats([(each - mean) / deviation for each in NUMBERS]))
    assert normal.causes() == {"rescaled"}
    assert normal.evidence()["slope"] == pytest.approx(1 / deviation, rel=1e-5)
    assert normal.evidence()["intercept"] == pytest.approx(-mean / deviation, rel=1e-5)


def test_numbers_of_very_different_sizes() -> None:
    wide = [1e6, 1.0, 2.0, 3.0, 4.0, 1e-5]
    assert told("Float32", wide, floats([each * 3.6 for each in wide])).evidence()["ratio"] == 3.6


def test_one_number_off_the_line() -> None:
    for line in ((1000.0, 0.0), (1.8, 32.0)):
        for at in range(8):
            served = [each * line[0] + line[1] for each in NUMBERS]
            served[at] *= 1.001
            assert told("Float64", NUMBERS, served).cells == {}, (line, at)


def test_few_or_constant_numbers_fit_nothing() -> None:
    assert told("Float64", NUMBERS[:4], [each * 10 for each in NUMBERS[:4]]).cells == {}
    assert told("Float64", [5.0] * 9, [50.0] * 9).cells == {}
    assert told("Float64", [5.0] * 4 + [7.0] * 5, [50.0] * 4 + [70.0] * 5).cells == {}
    assert told("Float64", [5.0] * 9, [*NUMBERS, 1.0]).cells == {}
    almost = [5.0, 5.0000001, 5.0000002, 5.0, 5.0, 5.0]
    assert told("Float32", almost, floats([50.0, 50.000004, 50.000008, 50.0, 50.0, 50.0])).cells == {}


@pytest.mark.parametrize("trained", [
    [7.5, 3.5, 12.5, 101.5, 8.5, 9.5],
    [1.1, 2.2, 3.3, 4.4, 5.5, 6.6],
    [1.05, 2.05, 3.05, 47.05, 900.05, 3.05],
    [7.9, 3.2, 1.1, 99.7, 14.0001, 5.5],
])  # fmt: skip
def test_cutting_off_is_no_scale(trained: list[float]) -> None:
    cut = pa.array([int(each) for each in trained])
    assert told("Int64", trained, cut).cells == {}
    assert told("Float64", [float(int(each)) for each in trained], trained).cells == {}


def test_cutting_decimals_off_is_no_scale() -> None:
    assert told("Float64", [1.005, 2.015, 3.125, 17.305, 9.995], [1.00, 2.01, 3.12, 17.30, 9.99]).cells == {}


def test_noise_within_a_wide_tolerance_is_no_scale() -> None:
    noise = random.Random(5)
    trained = [noise.uniform(1, 100) for _ in range(40)]
    assert told("Float64", trained, [each * noise.uniform(1.1, 1.15) for each in trained]).cells == {}
    ulps = [1 + (10 + noise.random()) * 1e-7 for _ in range(40)]
    served = floats([each * off for each, off in zip(trained, ulps, strict=True)])
    assert told("Float32", pa.array(trained), served).cells == {}


def test_small_counts_one_off_need_more_cells() -> None:
    assert told("Int64", [3, 4, 5, 3, 4], [2, 3, 4, 2, 3]).cells == {}
    assert told("Int64", [3, 4, 5] * 4, [2, 3, 4] * 4).evidence()["intercept"] == -1.0


def test_infinities_flags_and_texts_lie_on_no_line() -> None:
    assert told("Float64", [*NUMBERS, 5.0], [each * 10 for each in NUMBERS] + [math.inf]).cells == {}
    assert told("Bool", [True, False] * 5, [False, True] * 5).cells == {}
    assert told("String", ["1", "2", "3", "4", "5"], ["10", "20", "30", "40", "50"]).cells == {}


def test_missing_cells_lie_on_no_line() -> None:
    served = [*(each * 10 for each in NUMBERS), None]
    assert told("Float64", [*NUMBERS, 5.0], served).cells == {}
