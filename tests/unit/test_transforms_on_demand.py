"""On-demand features of the flights example by hand, and alike alone and in a batch, for every form of null."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from skewguard.definition import OnDemandTransform, transform_of
from transforms.aircraft import aircraft_readiness
from transforms.delay_share import delay_share
from transforms.outlook import route_outlook
from transforms.schedule import departure_context
from transforms.wind import wind_exposure

TRANSFORMS = [delay_share, departure_context, wind_exposure, route_outlook, aircraft_readiness]
NOON = datetime(2013, 6, 1, 16, tzinfo=UTC)  # in New York


@pytest.fixture(params=TRANSFORMS, ids=lambda function: function.__name__)
def transform(request: pytest.FixtureRequest) -> OnDemandTransform:
    marked = transform_of(request.param)
    assert isinstance(marked, OnDemandTransform)
    return marked


def served(function: Any, **inputs: Any) -> dict[str, Any]:
    """One request, as Feast serves it."""
    marked = transform_of(function)
    assert isinstance(marked, OnDemandTransform)
    answer = marked.serve(pd.DataFrame({name: pd.Series([value], dtype=object) for name, value in inputs.items()}))
    return {name: None if pd.isna(answer[name][0]) else answer[name][0] for name in answer}


def context(moment: datetime | None, last_hour: int | None = 30, week: int | None = 1680) -> dict[str, Any]:
    return served(
        departure_context, scheduled_departure=moment, origin_departures_1h=last_hour, origin_departures_7d=week
    )


def test_the_hour_is_new_yorks_in_summer_and_in_winter() -> None:
    evening = {"summer": datetime(2013, 7, 1, 22, tzinfo=UTC), "winter": datetime(2013, 12, 2, 23, tzinfo=UTC)}
    summer, winter = (context(moment) for moment in evening.values())  # Mondays, 18:00
    assert summer == winter
    assert summer["departure_hour_sin"] == pytest.approx(-1.0) and summer["departure_weekday"] == 0
    assert summer["departure_hour_cos"] == pytest.approx(0.0, abs=1e-15)


def test_the_day_of_the_week_is_new_yorks_too() -> None:
    before_midnight = datetime(2013, 6, 3, 3, 30, tzinfo=UTC)  # Sunday 23:30
    assert context(before_midnight)["departure_weekday"] == 6
    assert context(before_midnight + timedelta(hours=1))["departure_weekday"] == 0


def test_the_hour_told_twice_is_told_alike_and_the_skipped_hour_is_skipped() -> None:
    first, second = (context(datetime(2013, 11, 3, hour, 30, tzinfo=UTC)) for hour in (5, 6))
    assert first == second
    spring = [context(datetime(2013, 3, 10, hour, tzinfo=UTC))["departure_hour_sin"] for hour in (6, 7)]
    assert spring == [pytest.approx(math.sin(2 * math.pi * hour / 24)) for hour in (1, 3)]


def test_rush_is_the_last_hour_over_the_average_hour() -> None:
    assert context(NOON)["origin_rush"] == 3.0
    assert context(NOON, week=0)["origin_rush"] is None
    nothing = context(None, None, None)
    assert set(nothing.values()) == {None}


def test_delay_share() -> None:
    answer = served(
        delay_share, carrier_mean_dep_delay_24h=12.0, carrier_late_share_24h=0.25, scheduled_minutes=60, distance=400
    )
    assert answer == {"carrier_delay_share": 0.2, "late_miles": 100.0, "scheduled_mph": 400.0}
    for minutes in (0, -5, None):
        answer = served(
            delay_share,
            carrier_mean_dep_delay_24h=12.0,
            carrier_late_share_24h=None,
            scheduled_minutes=minutes,
            distance=400,
        )
        assert set(answer.values()) == {None}


def wind(degrees: int | None, knots: float | None, heading: float | None = 40.0) -> dict[str, Any]:
    return served(
        wind_exposure,
        wind_from_degrees=degrees,
        wind_knots=knots,
        reported_at=NOON,
        carrier_mean_dep_delay_24h=10.0,
        runway_heading=heading,
        scheduled_departure=NOON + timedelta(minutes=90),
    )


def test_wind_across_and_along_the_runway() -> None:
    across = wind(130, 20.0)
    assert across["crosswind_knots"] == pytest.approx(20.0) and across["crosswind_delay"] == pytest.approx(200.0)
    assert across["headwind_knots"] == pytest.approx(0.0, abs=1e-12)
    assert across["weather_age_minutes"] == 90.0
    assert wind(40, 15.0)["headwind_knots"] == pytest.approx(15.0)
    assert wind(220, 15.0)["headwind_knots"] == pytest.approx(-15.0)
    assert wind(10, 20.0)["crosswind_knots"] == pytest.approx(10.0)


def test_calm_air_has_no_direction_and_a_variable_wind_no_angle() -> None:
    calm = wind(None, 0.0)
    assert (calm["crosswind_knots"], calm["headwind_knots"], calm["crosswind_delay"]) == (0.0, 0.0, 0.0)
    assert wind(None, 4.0)["crosswind_knots"] is None
    assert wind(90, None)["headwind_knots"] is None
    assert wind(90, 4.0, None)["crosswind_delay"] is None


def outlook(flights: int | None, route: float | None, carrier: float | None, cancelled: float | None = 0.1) -> Any:
    return served(
        route_outlook,
        route_arrivals_7d=flights,
        route_mean_arr_delay_7d=route,
        carrier_mean_dep_delay_7d=carrier,
        origin_cancelled_share_24h=cancelled,
    )


def test_a_route_with_few_flights_leans_on_its_carrier() -> None:
    assert outlook(20, 30.0, 10.0) == {"expected_arr_delay": 20.0, "expected_arr_delay_if_flown": 18.0}
    assert outlook(60, 30.0, 10.0)["expected_arr_delay"] == 25.0
    assert outlook(0, None, 10.0)["expected_arr_delay"] == 10.0
    assert outlook(None, None, 10.0, None) == {"expected_arr_delay": 10.0, "expected_arr_delay_if_flown": 10.0}
    assert outlook(5, 30.0, None)["expected_arr_delay"] == pytest.approx(30.0)
    assert set(outlook(None, None, None).values()) == {None}


def test_aircraft_one_row_at_a_time() -> None:
    new_years_eve = datetime(2014, 1, 1, 3, tzinfo=UTC)  # 22:00 on 31 December in New York
    answer = served(
        aircraft_readiness,
        built_year=1998,
        last_landed_at=new_years_eve - timedelta(hours=2, minutes=30),
        last_arr_delay=1,
        scheduled_departure=new_years_eve,
    )
    assert answer == {"aircraft_age_years": 15, "hours_since_landing": 2.5, "landed_late": True}
    unknown = served(
        aircraft_readiness, built_year=None, last_landed_at=None, last_arr_delay=0, scheduled_departure=new_years_eve
    )
    assert unknown == {"aircraft_age_years": None, "hours_since_landing": None, "landed_late": False}


def many(transform: OnDemandTransform, rows: int = 100) -> pd.DataFrame:
    """Inputs of the declared dtypes, a tenth of them null, drawn by a fixed seed."""
    draw = np.random.default_rng(5)
    columns = {}
    for name, dtype in transform.inputs.items():
        numbers = draw.integers(-50, 400, rows)
        values = {
            "Int64": pd.array(numbers, dtype="Int64"),
            "Float64": pd.array(numbers / 7, dtype="Float64"),
            "UnixTimestamp": pd.to_datetime(1_370_000_000 + numbers * 40_000, unit="s", utc=True),
        }[dtype]
        columns[name] = pd.Series(values).mask(pd.Series(draw.random(rows) < 0.1))
    return pd.DataFrame(columns)


def test_a_row_gets_the_same_alone_as_in_a_batch(transform: OnDemandTransform) -> None:
    batch = many(transform)
    together = transform.serve(batch)
    assert together.notna().any().all() and batch.isna().any().all()
    for at in range(len(batch)):
        # As one online request is typed: an object column, None for null.
        one = batch.iloc[[at]].astype(object).where(batch.iloc[[at]].notna(), None).reset_index(drop=True)
        expected = together.iloc[[at]].reset_index(drop=True)
        assert_frame_equal(transform.serve(one), expected, check_dtype=False, rtol=1e-12)


def test_row_order_and_index_play_no_part(transform: OnDemandTransform) -> None:
    batch = many(transform)
    expected = transform.serve(batch)
    shuffled = batch.sample(frac=1, random_state=3)
    assert_frame_equal(transform.serve(shuffled), expected.iloc[shuffled.index].reset_index(drop=True))


def test_no_rows_and_only_nulls(transform: OnDemandTransform) -> None:
    batch = many(transform)
    names = [feature.name for feature in transform.features]
    assert list(transform.serve(batch.iloc[:0])) == names
    nulls = pd.DataFrame({name: pd.Series([None, None], dtype=object) for name in transform.inputs})
    assert transform.serve(nulls).isna().all().all()
    before = batch.copy()
    transform.serve(batch)
    assert_frame_equal(batch, before)
