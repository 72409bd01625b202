"""The committed event tables: every flight is there, each at the instant that both clocks and the air time agree on."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

DATA = Path(__file__).parents[2] / "feature_repo" / "data"
ROWS = {"departures": 336_776, "arrivals": 328_521, "weather": 26_115, "planes": 3_322, "hourly_runs": 8_761}


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    for name in ROWS:
        connection.read_parquet(str(DATA / f"{name}.parquet")).create_view(name)
    return connection


def one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[object, ...]:
    (row,) = connection.sql(query).fetchall()
    return row


@pytest.mark.parametrize("name", ROWS)
def test_every_row_is_there_and_times_are_microseconds_in_utc(name: str) -> None:
    file = pq.ParquetFile(DATA / f"{name}.parquet")
    assert file.metadata.num_rows == ROWS[name]
    times = [field for field in file.schema_arrow if field.name.endswith("_at")]
    assert times and {str(field.type) for field in times} == {"timestamp[us, tz=UTC]"}


def test_the_tables_stay_small() -> None:
    assert sum((DATA / f"{name}.parquet").stat().st_size for name in ROWS) < 10_000_000


def test_cancellations_and_diversions_are_known_a_day_late_and_all_else_at_once(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    for table, lost, count in (("departures", "cancelled", 8_255), ("arrivals", "diverted", 1_175)):
        query = f"select count(*), min(known_at - happened_at), max(known_at - happened_at) from {table} where {lost}"
        rows, least, most = one(connection, query)
        assert rows == count and str(least) == str(most) == "1 day, 0:00:00"
        assert one(connection, f"select count(*) from {table} where not {lost} and known_at != happened_at") == (0,)


def test_a_day_is_longer_than_any_delay(connection: duckdb.DuckDBPyConnection) -> None:
    """What makes a day a safe time to know a cancellation by."""
    assert one(connection, "select max(dep_delay) from departures") == (1_301,)
    assert one(connection, "select max(arr_delay) from arrivals") == (1_272,)


def test_departure_arrival_and_air_time_agree(connection: duckdb.DuckDBPyConnection) -> None:
    """Arrival less departure less air time is taxiing: never negative, nearly always under two hours.

    A wrong time zone or a wrong day at either end would show as a whole hour or a whole day.
    """
    query = """
        with flown as (
            select date_diff('minute', departures.happened_at, arrivals.happened_at) - air_minutes as taxi
            from departures join arrivals
                on arrivals.happened_at - to_minutes(arr_delay)
                    = departures.scheduled_at + to_minutes(scheduled_minutes)
                and (departures.carrier, departures.flight, departures.origin, departures.dest)
                    = (arrivals.carrier, arrivals.flight, arrivals.origin, arrivals.dest)
        )
        select count(*), min(taxi), median(taxi), max(taxi), count(*) filter (taxi > 120) < 1000 from flown
    """
    assert one(connection, query) == (327_346, 5, 28.0, 235, True)


def test_local_clocks_across_the_changes_of_2013(connection: duckdb.DuckDBPyConnection) -> None:
    """The first flight of 10 March (summer time since 2 o'clock) and of 3 November (winter time again)."""
    query = """
        select strftime(min(scheduled_at), '%H:%M') from departures
        where timezone('America/New_York', scheduled_at)::date = date '{}'
    """
    assert one(connection, query.format("2013-03-09")) == ("10:00",)
    assert one(connection, query.format("2013-03-10")) == ("09:00",)
    assert one(connection, query.format("2013-11-02")) == ("09:00",)
    assert one(connection, query.format("2013-11-03")) == ("10:20",)


def test_the_hour_told_twice_is_two_reports(connection: duckdb.DuckDBPyConnection) -> None:
    query = "select count(*), count(distinct (origin, happened_at)) from weather"
    assert one(connection, query) == (26_115, 26_115)


def test_planes_built_in_2013_are_listed_from_their_first_departure(connection: duckdb.DuckDBPyConnection) -> None:
    query = """
        select count(*), count(*) filter (listed_at > timestamptz '2013-01-02 00:00:00+00'), count(listed_at)
        from planes where built_year = 2013
    """
    assert one(connection, query) == (92, 92, 92)
    assert one(connection, "select count(*), count(distinct tailnum), count(listed_at) from planes") == (3_322,) * 3
