"""Rolling delays by hand: window edges, what was known when, windows that empty, and a slow recount of real flights."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from transforms.carriers import carrier_delays
from transforms.origins import origin_delays
from transforms.routes import route_delays

DATA = Path(__file__).parents[2] / "feature_repo" / "data"
HOUR = timedelta(hours=1)
NINE = datetime(2013, 6, 1, 9, tzinfo=UTC)


def runs(first: datetime, last: datetime, step: timedelta = HOUR) -> pd.DataFrame:
    return pd.DataFrame({"run_at": pd.date_range(first, last, freq=step, unit="us")})


def departure(
    at: datetime, delay: int | None = 0, carrier: str = "UA", known: datetime | None = None
) -> dict[str, Any]:
    return {
        "happened_at": at,
        "known_at": known or at,
        "carrier": carrier,
        "origin": "EWR",
        "dep_delay": delay,
        "cancelled": delay is None,
    }


def arrival(at: datetime, delay: int | None, dest: str, known: datetime | None = None) -> dict[str, Any]:
    known = known or at
    return {
        "happened_at": at,
        "known_at": known,
        "origin": "JFK",
        "dest": dest,
        "arr_delay": delay,
        "diverted": delay is None,
    }


def computed(function: Any, events: list[dict[str, Any]], hourly_runs: pd.DataFrame) -> list[dict[str, Any]]:
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    frame = pd.DataFrame(events)
    for name in ("dep_delay", "arr_delay"):
        if name in frame:
            frame[name] = frame[name].astype("Int64")
    rows = function(connection.from_df(frame), connection.from_df(hourly_runs))
    return rows.order("observed_at").to_dicts()


def at(rows: list[dict[str, Any]], moment: datetime) -> dict[str, Any]:
    (row,) = [each for each in rows if each["observed_at"] == moment]
    return row


def test_counts_means_and_shares_by_hand() -> None:
    rows = computed(
        carrier_delays,
        [
            departure(NINE + timedelta(minutes=10), 20),
            departure(NINE + timedelta(minutes=40), -5),
            departure(NINE + timedelta(minutes=70), 15),  # late is 15 minutes or more
            departure(NINE + timedelta(minutes=80), 14),
        ],
        runs(NINE, NINE + timedelta(days=9)),
    )
    assert at(rows, NINE + HOUR) == {
        "carrier": "UA",
        "observed_at": NINE + HOUR,
        **{f"carrier_departures_{window}": 2 for window in ("1h", "24h", "7d")},
        **{f"carrier_mean_dep_delay_{window}": 7.5 for window in ("1h", "24h", "7d")},
        **{f"carrier_late_share_{window}": 0.5 for window in ("1h", "24h", "7d")},
        "carrier_cancelled_share_24h": 0.0,
        "carrier_cancelled_share_7d": 0.0,
    }
    second = at(rows, NINE + 2 * HOUR)
    assert (second["carrier_departures_1h"], second["carrier_mean_dep_delay_1h"]) == (2, 14.5)
    assert (second["carrier_departures_24h"], second["carrier_mean_dep_delay_24h"]) == (4, 11.0)
    assert (second["carrier_late_share_1h"], second["carrier_late_share_7d"]) == (0.5, 0.5)


@pytest.mark.parametrize(("hours", "window"), [(1, "1h"), (24, "24h"), (168, "7d")])
def test_a_window_holds_its_end_and_not_its_start(hours: int, window: str) -> None:
    flight = departure(NINE, 30)
    hourly = runs(NINE - HOUR, NINE + timedelta(days=9))
    rows = computed(carrier_delays, [flight], hourly)
    assert at(rows, NINE)[f"carrier_departures_{window}"] == 1
    left = at(rows, NINE + timedelta(hours=hours))
    assert left[f"carrier_departures_{window}"] == 0 and left[f"carrier_mean_dep_delay_{window}"] is None
    # A microsecond later it is the next run that sees it first, and the run after the window that sees it leave.
    later = computed(carrier_delays, [departure(NINE + timedelta(microseconds=1), 30)], hourly)
    assert later[0]["observed_at"] == NINE + HOUR
    assert at(later, NINE + timedelta(hours=hours + 1))[f"carrier_departures_{window}"] == 0


def test_rows_come_only_when_something_changed() -> None:
    rows = computed(carrier_delays, [departure(NINE, 30)], runs(NINE - 5 * HOUR, NINE + timedelta(days=30)))
    waits = [row["observed_at"] - NINE for row in rows]
    assert waits == [timedelta(0), HOUR, timedelta(hours=24), timedelta(hours=168)]


def test_a_carrier_that_stops_flying_ends_in_a_row_that_says_so() -> None:
    rows = computed(carrier_delays, [departure(NINE, 30)], runs(NINE, NINE + timedelta(days=30)))
    last = rows[-1]
    assert [last[f"carrier_departures_{window}"] for window in ("1h", "24h", "7d")] == [0, 0, 0]
    rest = {name: value for name, value in last.items() if name.startswith(("carrier_mean", "carrier_late"))}
    assert len(rest) == 6 and set(rest.values()) == {None}
    assert last["carrier_cancelled_share_7d"] is None


def test_nothing_is_claimed_of_hours_that_no_run_has_seen() -> None:
    rows = computed(carrier_delays, [departure(NINE, 30)], runs(NINE, NINE + 2 * HOUR))
    assert [row["observed_at"] for row in rows] == [NINE, NINE + HOUR]


def test_the_first_run_after_an_outage_catches_up() -> None:
    hourly = pd.concat([runs(NINE, NINE + HOUR), runs(NINE + 26 * HOUR, NINE + 30 * HOUR)])
    rows = computed(carrier_delays, [departure(NINE, 30), departure(NINE + 3 * HOUR, 10)], hourly)
    back = at(rows, NINE + 26 * HOUR)
    assert (back["carrier_departures_1h"], back["carrier_departures_24h"], back["carrier_departures_7d"]) == (0, 1, 2)


def test_a_cancellation_counts_from_when_it_was_known() -> None:
    cancelled = departure(NINE, None, known=NINE + timedelta(hours=24))
    rows = computed(carrier_delays, [departure(NINE, 12), cancelled], runs(NINE, NINE + timedelta(days=10)))
    before = at(rows, NINE + HOUR)
    assert (before["carrier_departures_7d"], before["carrier_cancelled_share_7d"]) == (1, 0.0)
    after = at(rows, NINE + timedelta(hours=24))
    assert (after["carrier_departures_7d"], after["carrier_cancelled_share_7d"]) == (1, 0.5)
    assert (after["carrier_departures_24h"], after["carrier_cancelled_share_24h"]) == (0, 1.0)
    assert after["carrier_mean_dep_delay_7d"] == 12.0
    week_later = at(rows, NINE + timedelta(days=7))
    assert (week_later["carrier_departures_7d"], week_later["carrier_cancelled_share_7d"]) == (0, 1.0)


def test_routes_are_told_apart_by_both_airports_and_diversions_are_no_arrivals() -> None:
    rows = computed(
        route_delays,
        [
            arrival(NINE, 40, "BOS"),
            arrival(NINE, -10, "LAX"),
            arrival(NINE - timedelta(hours=20), None, "BOS", known=NINE),
        ],
        runs(NINE, NINE + HOUR),
    )
    first = {row["dest"]: row for row in rows if row["observed_at"] == NINE}
    assert {dest: row["route_mean_arr_delay_24h"] for dest, row in first.items()} == {"BOS": 40.0, "LAX": -10.0}
    assert {dest: row["route_arrivals_7d"] for dest, row in first.items()} == {"BOS": 1, "LAX": 1}
    assert {dest: row["route_diverted_share_7d"] for dest, row in first.items()} == {"BOS": 0.5, "LAX": 0.0}


def test_an_airport_sums_over_its_carriers() -> None:
    events = [departure(NINE, 10, "UA"), departure(NINE, 20, "DL"), departure(NINE, 60, "B6")]
    row = at(computed(origin_delays, events, runs(NINE, NINE)), NINE)
    assert (row["origin_departures_1h"], row["origin_mean_dep_delay_1h"]) == (3, 30.0)
    assert row["origin_late_share_1h"] == pytest.approx(2 / 3, rel=1e-15)


def test_at_any_hour_of_the_real_year_the_newest_row_is_still_true() -> None:
    """Sixty hours, most of them without a row of their own, against a plain loop over plain Python values."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    carriers = ("HA", "OO", "F9", "YV")
    departures = connection.read_parquet(str(DATA / "departures.parquet")).filter(f"carrier in {carriers}")
    hourly_runs = connection.read_parquet(str(DATA / "hourly_runs.parquet"))
    flights = departures.to_dicts()
    rows = carrier_delays(departures, hourly_runs).order("all").to_dicts()
    draw = random.Random(11)
    for carrier in carriers:
        mine = [each for each in flights if each["carrier"] == carrier]
        told = [each for each in rows if each["carrier"] == carrier]
        first = told[0]["observed_at"]
        for _ in range(15):
            hour = first + draw.randrange(24 * 360) * HOUR
            assert newest(told, hour) == recounted(mine, hour)


def newest(rows: list[dict[str, Any]], hour: datetime) -> dict[str, Any]:
    row = max((each for each in rows if each["observed_at"] <= hour), key=lambda each: each["observed_at"])
    return {name: value for name, value in row.items() if name not in ("carrier", "observed_at")}


def recounted(flights: list[dict[str, Any]], hour: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for window, width in (("1h", HOUR), ("24h", 24 * HOUR), ("7d", 168 * HOUR)):
        inside = [each for each in flights if hour - width < each["known_at"] <= hour]
        delays = [each["dep_delay"] for each in inside if not each["cancelled"]]
        row[f"carrier_departures_{window}"] = len(delays)
        row[f"carrier_mean_dep_delay_{window}"] = sum(delays) / len(delays) if delays else None
        row[f"carrier_late_share_{window}"] = sum(delay >= 15 for delay in delays) / len(delays) if delays else None
        if window != "1h":
            cancelled = sum(each["cancelled"] for each in inside)
            row[f"carrier_cancelled_share_{window}"] = cancelled / len(inside) if inside else None
    return row
