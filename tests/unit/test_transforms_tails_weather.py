"""Tail history and weather by hand: ties, weeks counted from the landing, missing hours, and reports that cannot be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from transforms.tails import tail_history
from transforms.weather import origin_weather

DATA = Path(__file__).parents[2] / "feature_repo" / "data"
NOON = datetime(2013, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def landing(at: datetime, delay: int | None, **other: Any) -> dict[str, Any]:
    plain = {"tailnum": "N1", "carrier": "UA", "flight": 7, "origin": "EWR", "dest": "BOS", "air_minutes": 40}
    return {**plain, "happened_at": at, "known_at": at, "arr_delay": delay, "diverted": delay is None, **other}


def histories(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    frame = pd.DataFrame(events).astype({"arr_delay": "Int64"})
    return tail_history(connection.from_df(frame)).order("tailnum, observed_at").to_dicts()


def test_the_last_landing_and_its_week() -> None:
    first, second, third = histories(
        [
            landing(NOON, 30),
            landing(NOON + timedelta(days=6), -10, dest="LAX", air_minutes=300),
            landing(NOON + timedelta(days=7), 4, dest="MIA", air_minutes=150),
        ]
    )
    assert first == {
        "tailnum": "N1",
        "observed_at": NOON,
        "last_landed_at": NOON,
        "last_origin": "EWR",
        "last_dest": "BOS",
        "last_arr_delay": 30,
        "landings_7d": 1,
        "air_minutes_7d": 40,
        "mean_arr_delay_7d": 30.0,
    }
    assert (second["last_dest"], second["landings_7d"], second["mean_arr_delay_7d"]) == ("LAX", 2, 10.0)
    # Exactly seven days after the first landing: the first one is out.
    assert (third["landings_7d"], third["air_minutes_7d"], third["mean_arr_delay_7d"]) == (2, 450, -3.0)


def test_diversions_and_unknown_aircraft_are_no_landings() -> None:
    assert histories([landing(NOON, None), landing(NOON, 5, tailnum=None)]) == []


def test_of_two_landings_in_one_minute_one_is_the_last_whatever_the_order() -> None:
    pair = [landing(NOON, 5, flight=120, dest="LAX"), landing(NOON, 9, flight=183, dest="SEA")]
    (row,) = histories(pair)
    assert [row] == histories(pair[::-1])
    assert (row["last_dest"], row["last_arr_delay"], row["landings_7d"], row["mean_arr_delay_7d"]) == ("SEA", 9, 2, 7.0)


def report(at: datetime, **other: Any) -> dict[str, Any]:
    plain = {"origin": "JFK", "temp": 50.0, "dewp": 41.5, "wind_dir": 270, "wind_speed": 11.5078, "wind_gust": None}
    return {**plain, "happened_at": at, "known_at": at, "precip": 0.0, "pressure": 1010.0, "visib": 10.0, **other}


def weather(reports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    frame = pd.DataFrame(reports).astype({"wind_dir": "Int16", "wind_gust": "float64", "pressure": "float64"})
    rows = origin_weather(frame)
    return rows.astype(object).where(rows.notna(), None).to_dict("records")


def test_a_report_in_its_own_units() -> None:
    (row,) = weather([report(NOON, wind_gust=23.0156)])
    assert (row["wind_knots"], row["gust_knots"], row["wind_from_degrees"]) == (10.0, 20.0, 270)
    assert (row["temperature_f"], row["dew_point_spread_f"], row["reported_at"]) == (50.0, 8.5, NOON)
    assert row["pressure_change_3h"] is None and row["known_at"] == NOON


def test_three_hours_hold_their_end_and_not_their_start() -> None:
    falls = [0.01, 0.02, 0.04, 0.08, 0.16]
    rows = weather([report(NOON + at * HOUR, precip=fall) for at, fall in enumerate(falls)])
    assert [row["rain_inches_3h"] for row in rows] == [0.01, 0.03, 0.07, 0.14, 0.28]


def test_missing_hours_are_missing_and_not_bridged_by_position() -> None:
    pressures = {0: 1010.0, 1: 1011.0, 4: 1014.4, 7: None, 10: 1000.0}
    rows = weather([report(NOON + at * HOUR, pressure=mb, precip=0.1) for at, mb in pressures.items()])
    assert [row["pressure_change_3h"] for row in rows] == [None, None, 3.4, None, None]
    assert [row["rain_inches_3h"] for row in rows] == [0.1, 0.2, 0.1, 0.1, 0.1]


def test_a_wind_that_never_blew_on_earth_is_null() -> None:
    (row,) = weather([report(NOON, wind_speed=1048.36058)])
    assert row["wind_knots"] is None and row["wind_from_degrees"] == 270


def test_airports_are_told_apart() -> None:
    rows = weather(
        [report(NOON, precip=0.5), report(NOON, origin="LGA"), report(NOON + HOUR, origin="LGA", precip=0.2)]
    )
    assert [(row["origin"], row["rain_inches_3h"]) for row in rows] == [("JFK", 0.5), ("LGA", 0.0), ("LGA", 0.2)]


def test_a_correction_replaces_the_report_and_says_when_it_was_known() -> None:
    late = NOON + 5 * HOUR
    rows = weather([report(NOON, precip=0.5), report(NOON, precip=0.7, known_at=late), report(NOON + HOUR)])
    assert [(row["observed_at"], row["rain_inches_3h"], row["known_at"]) for row in rows] == [
        (NOON, 0.7, late),
        (NOON + HOUR, 0.7, late),
    ]


def test_the_real_year_has_one_impossible_wind_and_whole_knots() -> None:
    real = pd.read_parquet(DATA / "weather.parquet")
    rows = origin_weather(real)
    assert rows["wind_knots"].isna().sum() == real["wind_speed"].isna().sum() + 1
    assert rows["wind_knots"].max() == 37.0
    assert rows["rain_inches_3h"].max() == pytest.approx(1.4)
    told = real.sort_values(["origin", "happened_at"], ignore_index=True)["wind_speed"]
    assert (rows["wind_knots"] * 1.15078 - told.where(told < 1000)).abs().max() < 0.01
