"""Leakage in SQL against the same written out row by row; and what a source was at an instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skewguard import sql
from skewguard.model import FeatureSpec, JoinKey, SourceSpec, ViewKind, ViewSpec
from skewguard.pipeline.leaking import length
from skewguard.reading import open_source
from skewguard.replay import first_events, measure_leakage, read_arrivals

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
ENTITIES = 4
FEATURES = (("odd value", "v"), ("list", "w"))


def at(hour: float) -> datetime:
    return START + hour * HOUR


def view_over(path: Path, *, ttl: timedelta | None = None, created: str | None = "made") -> ViewSpec:
    source = SourceSpec(
        name="s", path=str(path), file_format="parquet", timestamp_column="happened", created_column=created,
        field_mapping={column: name for name, column in FEATURES},
    )  # fmt: skip
    return ViewSpec(
        name="seen", base_name="seen", kind=ViewKind.FEATURE_VIEW, ttl=ttl, source=source,
        join_keys=(JoinKey(name="asked", column="who", dtype="Int64"),),
        features=tuple(FeatureSpec(view="seen", name=name, dtype="Int64") for name, _ in FEATURES),
    )  # fmt: skip


def write(path: Path, events: list[dict[str, Any]]) -> None:
    time = pa.timestamp("us", "UTC")
    types = {"who": pa.int64(), "happened": time, "made": time, "v": pa.int64(), "w": pa.list_(pa.int64())}
    pq.write_table(
        pa.table({name: pa.array([each[name] for each in events], dtype) for name, dtype in types.items()}), path
    )


def asked(instants: list[datetime]) -> pa.Table:
    pairs = [(who, instant) for instant in instants for who in range(ENTITIES)]
    return pa.table(
        {
            "row_id": pa.array(range(len(pairs)), pa.int64()),
            "asked": pa.array([who for who, _ in pairs], pa.int64()),
            "as_of": pa.array([instant for _, instant in pairs], pa.timestamp("us", "UTC")),
        }
    )


def some_events(chance: Random) -> list[dict[str, Any]]:
    """A few values, so that many neighbours are equal; lags from none to days, some unknown; no two rows tie twice."""
    events = {}
    for _ in range(60):
        hour, lag = chance.randrange(0, 48), chance.choice([None, 0, 0, 0, 1, 3, 7, 30])
        who = chance.randrange(ENTITIES)
        made = None if lag is None else at(hour + lag)
        value = chance.choice([None, 1, 2, 3])
        events[who, hour, made or at(hour)] = {
            "who": who, "happened": at(hour), "made": made, "v": value, "w": chance.choice([None, [], [1], [1, value]]),
        }  # fmt: skip
    return list(events.values())


def winner(events: list[dict[str, Any]], who: int, read: datetime, ttl: timedelta | None) -> dict[str, Any] | None:
    fit = [e for e in events if e["who"] == who and e["happened"] <= read]
    fit = [e for e in fit if ttl is None or e["happened"] >= read - ttl]
    return max(fit, key=lambda e: (e["happened"], e["made"] or e["happened"]), default=None)


def expected(events: list[dict[str, Any]], rows: pa.Table, ttl: timedelta | None, delay: timedelta) -> tuple[int, ...]:
    leaks = [0] * len(FEATURES)
    for row in rows.to_pylist():
        known = [each for each in events if (each["made"] or each["happened"]) <= row["as_of"]]
        trained = winner(events, row["asked"], row["as_of"] - delay, ttl)
        served = winner(known, row["asked"], row["as_of"] - delay, ttl)
        for position, (_, column) in enumerate(FEATURES):
            leaks[position] += (trained and trained[column]) != (served and served[column])
    return tuple(leaks)


@pytest.mark.parametrize("ttl", [None, 2 * HOUR, 10 * HOUR])
@pytest.mark.parametrize("seed", range(4))
def test_leakage_is_what_a_loop_over_rows_finds(tmp_path: Path, seed: int, ttl: timedelta | None) -> None:
    events = some_events(Random(seed))
    path = tmp_path / "slice.parquet"
    write(path, events)
    view, rows = view_over(path, ttl=ttl), asked([at(hour) for hour in (5, 11.5, 24, 31, 48)])
    assert view.source is not None
    with sql.connect() as connection:
        found = measure_leakage(connection, view, view.source, rows)
    assert found is not None
    assert found.rows == rows.num_rows
    assert len(found.leaks) > 2 and found.leaks[timedelta(0)] != (0, 0), "the test would prove nothing"
    assert found.leaks == {delay: expected(events, rows, ttl, delay) for delay in found.leaks}
    assert found.leaks[found.longest] == (0, 0)


def test_the_longest_delay_is_the_smallest_that_no_instant_needs_more_than(tmp_path: Path) -> None:
    path = tmp_path / "slice.parquet"
    events = [
        {"who": 0, "happened": at(2), "made": at(5), "v": 1, "w": None},
        {"who": 0, "happened": at(4), "made": at(4), "v": 2, "w": None},
        # Corrected at once: training never reads the first of these two.
        {"who": 1, "happened": at(3), "made": at(3.5), "v": 3, "w": None},
        {"who": 1, "happened": at(3), "made": at(4), "v": 4, "w": None},
    ]
    write(path, events)
    view = view_over(path)
    assert view.source is not None
    with sql.connect() as connection:
        found = measure_leakage(connection, view, view.source, asked([at(10)]))
    assert found is not None
    assert (found.longest, found.leaks[timedelta(0)]) == (3 * HOUR, (0, 0))
    just_less, latest = 3 * HOUR - timedelta(microseconds=1), at(5) - timedelta(microseconds=1)
    assert expected(events, asked([latest]), None, just_less) != (0, 0)


def test_no_created_times_no_leakage_is_claimed(tmp_path: Path) -> None:
    path = tmp_path / "slice.parquet"
    write(path, some_events(Random(0)))
    view = view_over(path, created=None)
    assert view.source is not None
    with sql.connect() as connection:
        assert measure_leakage(connection, view, view.source, asked([at(10)])) is None


def test_a_source_as_it_was(tmp_path: Path) -> None:
    path, out = tmp_path / "slice.parquet", tmp_path / "known.parquet"
    times = [(0, 0), (1, 5), (2, None), (3, 1), (None, 1)]  # the fourth was created before it happened
    write(
        path,
        [
            {"who": number, "happened": None if happened is None else at(happened),
             "made": None if made is None else at(made), "v": None, "w": None}
            for number, (happened, made) in enumerate(times)
        ],
    )  # fmt: skip
    view = view_over(path)
    assert view.source is not None
    with sql.connect() as connection:
        arrivals = read_arrivals(connection, view.source, path)
    known = {}
    for hour in (0, 2, 4, 5):
        arrivals.write(at(hour), out)
        known[hour] = pq.read_table(out)["who"].to_pylist()
    assert known == {0: [0], 2: [0, 2], 4: [0, 2, 3], 5: [0, 1, 2, 3]}
    assert pq.read_schema(out) == pq.read_schema(path)
    assert not arrivals.any_between(at(0.5), at(1.5)), "what happened then came later"
    assert arrivals.any_between(at(1), at(5))
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["known.parquet", "slice.parquet"]


def test_the_first_event_of_each_entity(tmp_path: Path) -> None:
    path = tmp_path / "slice.parquet"
    write(
        path,
        [
            {"who": who, "happened": at(hour), "made": at(hour), "v": 1, "w": None}
            for who, hour in ((0, 9), (0, 7), (2, 1), (None, 0))
        ],
    )
    view = view_over(path)
    assert view.source is not None
    with sql.connect() as connection:
        opened = open_source(connection, view.source, folder=tmp_path)
        found = first_events(connection, opened, view, pa.table({"asked": [2, 1, 0]}))
    first = [
        None if each is None else START + timedelta(microseconds=each - 1_772_323_200_000_000)
        for each in found.to_pylist()
    ]
    assert first == [at(1), None, at(7)]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0s"), (90, "1m30s"), (5 * 3600, "5h"), (36 * 3600, "1d12h"), (0.5, "0.5s"), (60.000001, "1m0.000001s")],
)
def test_a_length_of_time_reads_as_an_option_takes_it(seconds: float, said: str) -> None:
    from skewguard import parse

    assert length(timedelta(seconds=seconds)) == said
    assert parse.duration(said) == timedelta(seconds=seconds)
