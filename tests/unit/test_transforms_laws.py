"""Every batch transform of the flights example keeps the laws of batch transforms, on real events and exactly."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from skewguard.definition import BatchTransform, Form, transform_of
from transforms.carriers import carrier_delays
from transforms.origins import origin_delays
from transforms.routes import route_delays
from transforms.tails import tail_history
from transforms.weather import origin_weather

DATA = Path(__file__).parents[2] / "feature_repo" / "data"
TIMES = {"departures": "happened_at", "arrivals": "happened_at", "weather": "happened_at", "hourly_runs": "run_at"}
# A snowstorm (8 and 9 February) for cancellations, and carriers, routes and tails that fly daily, rarely and once.
START, END = datetime(2013, 1, 29, tzinfo=UTC), datetime(2013, 2, 15, tzinfo=UTC)
SOME = {
    "departures": "carrier in ('HA', 'OO', 'YV', 'F9', 'AS') or (origin = 'LGA' and dest = 'BOS')",
    "arrivals": "dest in ('HNL', 'SAN', 'BUF', 'EYW', 'PSP') or tailnum in ('N328AA', 'N725MQ', 'N722MQ', 'N711MQ')",
    "weather": "true",
    "hourly_runs": "true",
}
TRANSFORMS = [carrier_delays, origin_delays, route_delays, tail_history, origin_weather]
CUTS = [datetime(2013, 2, 9, 17, 30, tzinfo=UTC), datetime(2013, 2, 10, 5, tzinfo=UTC)]

Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def events() -> Tables:
    """Seventeen days of the real event tables."""
    connection = connected()
    return {
        name: connection.sql(
            f"from '{DATA / name}.parquet' where {time} between timestamptz '{START}' and timestamptz '{END}'"
            f" and ({SOME[name]})"
        ).df()
        for name, time in TIMES.items()
    }


@pytest.fixture(params=TRANSFORMS, ids=lambda function: function.__name__)
def transform(request: pytest.FixtureRequest) -> BatchTransform:
    marked = transform_of(request.param)
    assert isinstance(marked, BatchTransform)
    return marked


@cache
def connected(zone: str = "UTC") -> duckdb.DuckDBPyConnection:
    """One for all: opening one takes time."""
    connection = duckdb.connect()
    connection.execute(f"set timezone = '{zone}'")
    connection.execute("set enable_progress_bar = false")
    return connection


def run(transform: BatchTransform, events: Mapping[str, pd.DataFrame], zone: str = "UTC") -> pd.DataFrame:
    """The transform on these tables, its rows in order of key and time."""
    tables: list[Any] = [events[name].copy() for name in transform.parameters]
    if transform.form is Form.DUCKDB:
        connection = connected(zone)
        tables = [connection.from_df(table) for table in tables]
        rows = transform.function(*tables).df()
        for name, dtype in rows.dtypes.items():
            if isinstance(dtype, pd.DatetimeTZDtype):
                rows[name] = rows[name].dt.tz_convert("UTC").astype("datetime64[us, UTC]")
    else:
        rows = transform.function(*tables)
    order = [*transform.entity, transform.timestamp]
    rows = rows[list(transform.columns)].sort_values(order, ignore_index=True)
    return rows.astype(object).where(rows.notna(), None)  # values alone: which pandas type holds a null is no matter


def restricted(events: Tables, keep: Callable[[pd.Series], pd.Series]) -> Tables:
    return {name: table[keep(table[TIMES[name]])].reset_index(drop=True) for name, table in events.items()}


def test_the_sample_is_worth_testing(transform: BatchTransform, events: Tables) -> None:
    rows = run(transform, events)
    assert len(rows) > 300 and not rows.duplicated([*transform.entity, transform.timestamp]).any()
    assert rows.groupby(list(transform.entity)).ngroups >= 3
    cancelled, diverted = events["departures"]["cancelled"].sum(), events["arrivals"]["diverted"].sum()
    assert cancelled > 30 and diverted >= 1


def test_no_lookahead_past_what_happened(transform: BatchTransform, events: Tables) -> None:
    for cut in CUTS:
        changed = {name: scrambled(table, table[TIMES[name]] > cut) for name, table in events.items()}
        assert_rows_equal(transform, upto(run(transform, events), transform, cut), run(transform, changed), cut)


def test_no_lookahead_past_what_was_known(transform: BatchTransform, events: Tables) -> None:
    """The stricter law: a cancellation that happened before the cut but was not known by it plays no part."""
    column = "known_at" if transform.created is None else "happened_at"
    for cut in CUTS:
        changed = {
            name: scrambled(table, table[column if column in table else TIMES[name]] > cut)
            for name, table in events.items()
        }
        assert_rows_equal(transform, upto(run(transform, events), transform, cut), run(transform, changed), cut)


def test_an_entity_is_the_same_alone_as_among_all(transform: BatchTransform, events: Tables) -> None:
    whole = run(transform, events)
    keys = list(transform.entity)
    for key, expected in list(whole.groupby(keys))[:5]:
        alone = {
            name: table[(table[keys] == list(key)).all(axis=1)] if set(keys) <= set(table) else table
            for name, table in events.items()
        }
        assert_frame_equal(run(transform, alone), expected.reset_index(drop=True))


def test_row_order_and_index_play_no_part(transform: BatchTransform, events: Tables) -> None:
    shuffled = {name: table.sample(frac=1, random_state=7) for name, table in events.items()}
    assert_frame_equal(run(transform, shuffled), run(transform, events))


def test_computing_in_steps_gives_what_computing_at_once_gives(transform: BatchTransform, events: Tables) -> None:
    assert transform.lookback is not None
    steps = [START, datetime(2013, 2, 8, 3, 15, tzinfo=UTC), datetime(2013, 2, 8, 4, tzinfo=UTC), CUTS[1], END]
    parts = []
    for last, now in itertools.pairwise(steps):
        since = last - transform.lookback
        rows = run(transform, restricted(events, lambda times, since=since, now=now: times.between(since, now)))
        parts.append(rows[(rows[transform.timestamp] > last) & (rows[transform.timestamp] <= now)])
    together = pd.concat(parts).sort_values([*transform.entity, transform.timestamp], ignore_index=True)
    whole = run(transform, events)
    assert_frame_equal(together, whole[whole[transform.timestamp] > START].reset_index(drop=True))


def test_the_lookback_is_enough(transform: BatchTransform, events: Tables) -> None:
    assert transform.lookback is not None
    whole = run(transform, events)
    chosen = random.Random(3).sample(sorted(whole[transform.timestamp].unique()), 6)
    for moment in chosen:
        since = moment - transform.lookback
        rows = run(transform, restricted(events, lambda times, since=since, now=moment: times.between(since, now)))
        newest, expected = (each[each[transform.timestamp] == moment].reset_index(drop=True) for each in (rows, whole))
        assert len(expected) > 0
        assert_frame_equal(newest, expected)


def test_the_same_twice_in_any_time_zone(transform: BatchTransform, events: Tables) -> None:
    once = run(transform, events)
    assert_frame_equal(run(transform, events), once)
    assert_frame_equal(run(transform, events, zone="America/New_York"), once)


def test_no_events_give_no_rows_and_one_event_gives_rows(transform: BatchTransform, events: Tables) -> None:
    whole = run(transform, events)
    nothing = run(transform, {name: table.iloc[:0] for name, table in events.items()})
    assert list(nothing.columns) == list(whole.columns) and nothing.empty
    one = {name: table if name == "hourly_runs" else table.dropna().iloc[:1] for name, table in events.items()}
    expected = 4 if "hourly_runs" in transform.parameters else 1  # it comes, and leaves each of three windows
    assert len(run(transform, one)) == expected


def test_null_keys_and_times_are_no_entity(transform: BatchTransform, events: Tables) -> None:
    broken = {
        name: table if name == "hourly_runs" else pd.concat([table, blanked(table, transform)], ignore_index=True)
        for name, table in events.items()
    }
    assert_frame_equal(run(transform, broken), run(transform, events))


def test_the_callers_frames_are_left_alone(events: Tables) -> None:
    given = events["weather"].copy()
    origin_weather(given)
    assert_frame_equal(given, events["weather"])


def test_what_is_declared_holds(transform: BatchTransform, events: Tables) -> None:
    rows = run(transform, events)
    for feature in transform.features:
        values = rows[feature.name]
        assert feature.nullable or values.notna().all(), feature.name
        if feature.range is not None:
            least, most = feature.range
            assert least is None or values.min() >= least, feature.name
            assert most is None or values.max() <= most, feature.name
        if feature.categories is not None:
            assert set(values.dropna()) <= set(feature.categories)


def scrambled(table: pd.DataFrame, where: pd.Series) -> pd.DataFrame:
    """The same events, but those at `where` tell something else, every other another end, and every third is gone."""
    told = table.copy()
    later = told.index[where]
    for name in {"dep_delay", "arr_delay", "air_minutes", "temp", "precip", "pressure"} & set(table):
        told.loc[where, name] = told.loc[where, name] + 37
    for name in {"cancelled", "diverted"} & set(table):
        told.loc[later[::2], name] = ~told.loc[later[::2], name]
    return told.drop(index=later[::3]).reset_index(drop=True)


def blanked(table: pd.DataFrame, transform: BatchTransform) -> pd.DataFrame:
    """Copies of two events, one without its key, one without its time of becoming known."""
    key = transform.entity[-1]
    copies = table.dropna(subset=[name for name in ("tailnum",) if name in table]).iloc[:2].reset_index(drop=True)
    if key in copies:
        copies.loc[0, key] = None
    copies.loc[1 if key in copies else [0, 1], "known_at"] = pd.NaT
    return copies


def upto(rows: pd.DataFrame, transform: BatchTransform, cut: datetime) -> pd.DataFrame:
    return rows[rows[transform.timestamp] <= cut].reset_index(drop=True)


def assert_rows_equal(transform: BatchTransform, expected: pd.DataFrame, changed: pd.DataFrame, cut: datetime) -> None:
    """Up to the cut nothing moved; after it something did, or the test would prove nothing."""
    assert_frame_equal(upto(changed, transform, cut), expected)
    later = changed[changed[transform.timestamp] > cut + timedelta(hours=1)]
    assert len(expected) > 50 and len(later) > 20
