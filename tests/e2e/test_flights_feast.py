"""The flights example in plain Feast: built, applied, materialized, trained from and served from, value by value."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from feast import FeatureStore

import skewguard

pytestmark = [pytest.mark.feast, pytest.mark.slow]

SERVICES = {"arrival_delay_v1": 24, "arrival_delay_v2": 52, "arrival_delay_v3": 47}
SUMMER = datetime(2013, 7, 4, 15, 30, tzinfo=UTC)
END = datetime(2014, 1, 1, 9, 1, tzinfo=UTC)
FLIGHTS = [
    {"carrier": "UA", "origin": "EWR", "dest": "SFO", "tailnum": "N76502"},
    {"carrier": "B6", "origin": "JFK", "dest": "BOS", "tailnum": "N368JB"},
    {"carrier": "OO", "origin": "LGA", "dest": "CLE", "tailnum": "N908SW"},  # hardly ever flies
    {"carrier": "HA", "origin": "JFK", "dest": "HNL", "tailnum": "N380HA"},
    {"carrier": "DL", "origin": "LGA", "dest": "LEX", "tailnum": "none such"},  # one flight in the year
]
REQUEST = {
    "scheduled_departure": datetime(2014, 1, 1, 14, 5, tzinfo=UTC),
    "scheduled_minutes": 150,
    "distance": 900,
    "runway_heading": 40.0,
}


@pytest.fixture(scope="module")
def store(deployed_flights: Path) -> FeatureStore:
    return FeatureStore(str(deployed_flights / "feature_repo"))


@pytest.fixture(scope="module")
def tables(deployed_flights: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The built tables, and the table of planes, as DuckDB reads them."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for file in (deployed_flights / "feature_repo" / "data" / "built").glob("*.parquet"):
            connection.read_parquet(str(file)).create_view(file.stem)
        yield connection


def newest(tables: duckdb.DuckDBPyConnection, view: str, keys: dict[str, str], moment: datetime) -> dict[str, Any]:
    """The table's newest row of these keys at the moment; nulls where it has none."""
    chosen = tables.table(view).filter(f"observed_at <= timestamptz '{moment}'")
    for name, value in keys.items():
        chosen = chosen.filter(f"{name} = '{value}'")
    rows = chosen.order("observed_at desc, 2 desc").limit(1).to_dicts()
    return rows[0] if rows else dict.fromkeys(chosen.columns)


def expected(tables: duckdb.DuckDBPyConnection, flight: dict[str, str], moment: datetime) -> dict[str, Any]:
    keys = {
        "carrier_delays": ("carrier",),
        "origin_delays": ("origin",),
        "route_delays": ("origin", "dest"),
        "origin_weather": ("origin",),
        "tail_history": ("tailnum",),
    }
    values: dict[str, Any] = {}
    for view, names in keys.items():
        values |= newest(tables, view, {name: flight[name] for name in names}, moment)
    times = ("observed_at", "known_at", "created_timestamp")
    return {name: value for name, value in values.items() if name not in (*times, *flight)}


def plain(value: Any) -> Any:
    """One value, whichever library it comes from; times as whole seconds."""
    if value is None or value is pd.NaT or value != value:
        return None
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return int(moment.timestamp())
    return value.item() if hasattr(value, "item") else value


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12)
    return type(one) is type(other) and bool(one == other)


def training(store: FeatureStore, service: str, moment: datetime) -> list[dict[str, Any]]:
    rows = pd.DataFrame(
        [{**flight, **REQUEST, "event_timestamp": moment, "at": at} for at, flight in enumerate(FLIGHTS)]
    )
    table = store.get_historical_features(entity_df=rows, features=store.get_feature_service(service)).to_arrow()
    return sorted(table.to_pylist(), key=lambda row: row["at"])


def serving(store: FeatureStore, service: str) -> list[dict[str, Any]]:
    answer = store.get_online_features(
        features=store.get_feature_service(service), entity_rows=[{**flight, **REQUEST} for flight in FLIGHTS]
    ).to_dict()
    return [{name: values[at] for name, values in answer.items()} for at in range(len(FLIGHTS))]


def test_the_tables_have_every_row_and_say_when_it_was_known(tables: duckdb.DuckDBPyConnection) -> None:
    counts = {
        "carrier_delays": 78_691,
        "origin_delays": 22_725,
        "route_delays": 553_857,
        "tail_history": 327_345,
        "origin_weather": 26_115,
    }
    for view, count in counts.items():
        created = "known_at" if view == "origin_weather" else "created_timestamp"
        query = f"select count(*), bool_and({created} >= observed_at), max(observed_at) < '2014-01-02' from {view}"
        assert tables.sql(query).fetchall() == [(count, True, True)]


@pytest.mark.parametrize("moment", [SUMMER, END], ids=["summer", "end"])
def test_training_reads_the_newest_row_of_each_table(
    store: FeatureStore, tables: duckdb.DuckDBPyConnection, moment: datetime
) -> None:
    rows = training(store, "arrival_delay_v3", moment)
    assert len(rows) == len(FLIGHTS)
    for flight, row in zip(FLIGHTS, rows, strict=True):
        wanted = expected(tables, flight, moment)
        compared = {name: plain(row[name]) for name in row if name in wanted}
        assert len(compared) >= 26
        assert compared == {name: plain(wanted[name]) for name in compared}


def test_serving_reads_the_newest_row_of_each_table(store: FeatureStore, tables: duckdb.DuckDBPyConnection) -> None:
    for flight, row in zip(FLIGHTS, serving(store, "arrival_delay_v3"), strict=True):
        wanted = expected(tables, flight, END)
        compared = {name: plain(row[name]) for name in row if name in wanted}
        assert len(compared) >= 26
        assert compared == {name: plain(wanted[name]) for name in compared}


@pytest.mark.parametrize(("service", "features"), SERVICES.items())
def test_each_model_version_is_served_what_it_is_trained_on(store: FeatureStore, service: str, features: int) -> None:
    trained, served = training(store, service, END), serving(store, service)
    given = {*FLIGHTS[0], *REQUEST, "event_timestamp", "at"}
    for offline, online in zip(trained, served, strict=True):
        names = set(online) - given
        assert len(names) == features and names <= set(offline)
        for name in names:
            assert same(plain(online[name]), plain(offline[name])), name


def test_a_carrier_that_does_not_fly_says_so(store: FeatureStore) -> None:
    answer = store.get_online_features(
        features=["carrier_delays:carrier_departures_7d", "carrier_delays:carrier_mean_dep_delay_7d"],
        entity_rows=[{"carrier": "OO"}, {"carrier": "UA"}, {"carrier": "no such"}],
    ).to_dict()
    quiet, busy, unknown = answer["carrier_departures_7d"]
    assert (quiet, unknown) == (0, None) and busy > 500
    assert answer["carrier_mean_dep_delay_7d"][0] is None


def test_definitions_apply_before_anything_is_built(flights_copy: Path, in_project: Callable[..., str]) -> None:
    assert "route_delays" in in_project(flights_copy, "feast", "-c", "feature_repo", "apply")
    assert not (flights_copy / "feature_repo" / "data" / "built").exists()


def test_a_pushed_landing_gives_the_row_that_a_build_would(deployed_flights: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(deployed_flights, project)
    store = FeatureStore(str(project / "feature_repo"))
    landed = END + timedelta(hours=3)
    landing = pd.DataFrame(
        {
            "happened_at": [pd.Timestamp(landed)],
            "known_at": [pd.Timestamp(landed)],
            "carrier": ["UA"],
            "flight": [1],
            "tailnum": ["N76502"],
            "origin": ["EWR"],
            "dest": ["SFO"],
            "arr_delay": [17],
            "air_minutes": [340],
            "diverted": [False],
        }
    )
    skewguard.push(store, "tail_history", landing)
    answer = store.get_online_features(
        features=["tail_history:last_arr_delay", "tail_history:last_landed_at", "tail_history:landings_7d"],
        entity_rows=[{"tailnum": "N76502"}],
    ).to_dict()
    assert answer["last_arr_delay"] == [17]
    assert plain(answer["last_landed_at"][0]) == int(landed.timestamp())
    assert answer["landings_7d"][0] > 1  # the week before it came from the source
