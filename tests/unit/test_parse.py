"""Text into typed values: what is read, and what is refused with a reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skewguard import parse


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("90s", 90),
        ("15m", 900),
        ("2h", 7200),
        ("7d", 604800),
        ("1d12h", 129600),
        ("1d 12h", 129600),
        ("1w", 604800),
        ("250ms", 0.25),
        ("1.5h", 5400),
        ("PT15M", 900),
        ("P1DT2H", 93600),
        ("P2W", 1209600),
        ("pt0.5s", 0.5),
        ("0", 0),
        (0, 0),
        (timedelta(hours=3), 10800),
    ],
)
def test_durations(said: Any, seconds: float) -> None:
    assert parse.duration(said) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "said", ["", "90", "s", "-5m", "5x", "5 minutes", "P", "PT", "P1M", "1e3s", 90, True, None, timedelta(seconds=-1)]
)
def test_no_durations(said: Any) -> None:
    with pytest.raises(ValueError, match="a length of time such as"):
        parse.duration(said)


def test_a_duration_beyond_what_python_can_hold() -> None:
    with pytest.raises(ValueError, match="million years"):
        parse.duration("99999999999999d")


@given(st.integers(0, 10**6), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_a_duration_is_the_sum_of_its_parts(days: int, hours: int, minutes: int, seconds: int) -> None:
    expected = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    assert parse.duration(f"{days}d{hours}h{minutes}m{seconds}s") == expected
    assert parse.duration(f"P{days}DT{hours}H{minutes}M{seconds}S") == expected


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2013-07-01", datetime(2013, 7, 1, tzinfo=UTC)),
        ("2013-07-01T12:00", datetime(2013, 7, 1, 12, tzinfo=UTC)),
        ("2013-07-01 12:00:00Z", datetime(2013, 7, 1, 12, tzinfo=UTC)),
        ("2013-07-01T12:00:00+02:00", datetime(2013, 7, 1, 10, tzinfo=UTC)),
        (date(2013, 7, 1), datetime(2013, 7, 1, tzinfo=UTC)),
        (datetime(2013, 7, 1, 12), datetime(2013, 7, 1, 12, tzinfo=UTC)),
        (datetime(2013, 7, 1, 12, tzinfo=timezone(timedelta(hours=-5))), datetime(2013, 7, 1, 17, tzinfo=UTC)),
    ],
)
def test_instants_are_utc_unless_they_say_otherwise(said: Any, moment: datetime) -> None:
    read = parse.instant(said)
    assert read == moment
    assert read.tzinfo is UTC


@pytest.mark.parametrize("said", ["noon", "", "12:00", "2013-13-01", "0001-01-01T00:00+14:00", 20130701, None])
def test_no_instants(said: Any) -> None:
    with pytest.raises(ValueError, match="ISO-8601"):
        parse.instant(said)


@pytest.mark.parametrize(("said", "number"), [("0", 0), ("0.001", 0.001), ("0.1%", 0.001), (1, 1), ("100 %", 1)])
def test_rates(said: Any, number: float) -> None:
    assert parse.rate(said) == pytest.approx(number, rel=1e-15)


@pytest.mark.parametrize("said", ["-0.1", "1.1", "101%", "nan", "inf", "", "%", "much", True, None])
def test_no_rates(said: Any) -> None:
    with pytest.raises(ValueError, match="share from 0 to 1"):
        parse.rate(said)


@pytest.mark.parametrize("said", ["0", "-1", "1.5", "1e3", "", "many", 2.0, True, None, str(2**63)])
def test_no_counts(said: Any) -> None:
    with pytest.raises(ValueError, match="whole number from 1 up"):
        parse.whole(said, least=1)


@pytest.mark.parametrize("said", ["0", "-1", "11", "1.5", "many", str(2**63), str(10**400), True])
def test_counts_with_an_end_name_it_whatever_is_wrong(said: Any) -> None:
    with pytest.raises(ValueError, match="^a whole number from 1 to 10 is needed$"):
        parse.whole(said, least=1, most=10)


@pytest.mark.parametrize(("said", "wanted"), [("0", "from 1 up is needed"), (str(2**63), "fits 64 bits is needed")])
def test_bits_are_named_where_they_are_what_is_wrong(said: Any, wanted: str) -> None:
    with pytest.raises(ValueError, match=wanted):
        parse.whole(said, least=1)


def test_counts_and_seeds() -> None:
    assert parse.whole("1000", least=1) == 1000
    assert parse.whole(str(2**63 - 1)) == 2**63 - 1
    assert parse.seed("-7") == -7


@pytest.mark.parametrize("said", ["0", "-1", "nan", "inf", "", "fast", False])
def test_no_positive_numbers(said: Any) -> None:
    with pytest.raises(ValueError, match="above 0|at least 0"):
        parse.positive(said)


def test_words_are_kept_in_order_and_once() -> None:
    assert parse.words(["b", "a", "b"]) == ("b", "a")
    assert parse.words("only") == ("only",)
    for said in (["a", ""], 7, None):
        with pytest.raises(ValueError, match="text"):
            parse.words(said)
