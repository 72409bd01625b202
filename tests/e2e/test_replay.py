"""`check --replay N`: what late data, expiry and windows do to serving, played with real late rows by Feast itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from building import NOON, Checked, Project, hours

# One day of events, four instants: 06:00, 12:00, 18:00 and 24:00 of it.
DAY = NOON - hours(24)
DRIVERS = 10

STATS = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
stats = FeatureView(
    name="stats", entities=[driver], ttl=timedelta(hours=TTL),
    schema=[Field(name="trips", dtype=Int64), Field(name="city", dtype=String)],
    source=FileSource(name="s", path=HERE + "/stats.parquet", timestamp_field="at", created_timestamp_column="known"),
)
@on_demand_feature_view(sources=[stats], schema=[Field(name="doubled", dtype=Float64)])
def twice(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"doubled": inputs["trips"] * 2.0})
"""


def defined(project: Project, *, ttl: int = 0, known: bool = True) -> Project:
    code = STATS.replace("TTL", str(ttl))
    project.define(code if known else code.replace(', created_timestamp_column="known"', ""))
    return project


def drive(project: Project, late: dict[tuple[int, int], float] | None = None, every: int = 4) -> None:
    """Every driver has an event every few hours from 00:00 to 24:00, known at once unless `late` says after how long.

    `late` is by driver and hour of the event. Trips tell the events apart; the city never changes.
    """
    events = [(driver, hour) for hour in range(0, 25, every) for driver in range(DRIVERS)]
    project.source(
        "stats",
        {
            "driver_id": [driver for driver, _ in events],
            "at": [DAY + hours(hour) for _, hour in events],
            "known": [DAY + hours(hour + (late or {}).get((driver, hour), 0)) for driver, hour in events],
            "trips": [100 * driver + hour for driver, hour in events],
            "city": [f"city {driver}" for driver, _ in events],
        },
    )


def notes(checked: Checked, ref: str) -> str:
    return " | ".join(checked.feature(ref)["notes"])


def rows_of(checked: Checked, project: Project, ref: str) -> list[tuple[Any, ...]]:
    """(hour of the instant, driver, kind, cause) of each skewed cell."""
    import duckdb

    with duckdb.connect(str(project.folder / "skewguard.duckdb"), read_only=True) as connection:
        return connection.execute(
            "select date_diff('hour', $day, as_of), (entity ->> 'driver_id')::int, kind, cause "
            "from latest_diffs where skewed and feature = $ref order by all",
            {"day": DAY, "ref": ref},
        ).fetchall()


# Windows and instants are the same on both; what training knows, and what becomes of expired rows, the store says.
BOTH_STORES = pytest.mark.parametrize("project", ["duckdb", "dask"], indirect=True)


@pytest.fixture
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    """An empty repo on one of Feast's file offline stores."""
    return Project(folder=tmp_path / "repo", offline=getattr(request, "param", "duckdb"))


@BOTH_STORES
def test_rows_known_at_once_pass(project: Project) -> None:
    drive(defined(project))
    checked = project.check("--replay", "4", fresh=project.offline == "duckdb")
    assert checked.exit_code == 0, checked.stdout + checked.stderr
    assert checked.result["mode"] == "replay"
    for ref in ("stats:trips", "stats:city", "twice:doubled"):
        assert checked.counts(ref) == {"requested": 40, "compared": 40, "matched": 40}
    assert "leakage: none: no source row" in notes(checked, "stats:trips")
    assert "replayed at 4 instants, 2026-02-28T18:00:00+00:00 to 2026-03-01T12:00:00+00:00" in " ".join(
        checked.stdout.split()
    )
    assert not (project.folder / "registry.db").exists()
    assert not (project.folder / "online.db").exists()


@BOTH_STORES
def test_rows_created_after_the_instant_leak(project: Project) -> None:
    # 3 drivers' events of 04:00 come at 07:00: at 06:00 nobody knows them, at 12:00 that of 12:00 has replaced them.
    # Driver 5's event of 16:00 comes at 21:00: at 18:00 it is not known, at 24:00 it is replaced.
    drive(defined(project), {(0, 4): 3, (1, 4): 3, (2, 4): 3, (5, 16): 5})
    checked = project.check("--replay", "4")
    assert checked.exit_code == 1, checked.stderr
    assert checked.counts("stats:trips") == {
        "requested": 40, "compared": 40, "matched": 36, "mismatched": 4, "skewed": 4,
    }  # fmt: skip
    assert [row[:3] for row in rows_of(checked, project, "stats:trips")] == [
        (6, 0, "mismatch"), (6, 1, "mismatch"), (6, 2, "mismatch"), (18, 5, "mismatch"),
    ]  # fmt: skip
    assert checked.counts("stats:city")["matched"] == 40, "the older event has the same city"
    assert checked.feature("twice:doubled")["causes"] == {"inherited": 4}, "of what was served then, not at the end"
    said = notes(checked, "stats:trips")
    assert "leakage: in 4 of 40 rows (10 %) training knows a value that nobody could know" in said
    # Read 3 hours earlier, training knows the events of 00:00 at 06:00 (03:00), and of 12:00 at 18:00 (15:00).
    assert "at the instant; read 3h earlier in 0 %; a delay of 5h makes it vanish, at every other" in said
    assert "none at these instants; a delay of 5h rules it out" in notes(checked, "stats:city")
    assert "leakage: as far as that of what it reads: stats:trips" in notes(checked, "twice:doubled")
    curve = [(0.0, 40, 4, 0.1), (3 * 3600.0, 40, 0, 0.0), (5 * 3600.0, 40, 0, 0.0)]
    kept = [tuple(each[name] for name in ("lag", "cells", "leaked", "rate"))
            for each in checked.feature("stats:trips")["leakage"]]  # fmt: skip
    assert kept == curve
    found = project.rows(
        "select epoch(lag) as lag, cells, leaked, rate from leakage where feature = 'stats:trips' order by lag"
    )
    assert [tuple(each.values()) for each in found] == curve
    assert [each["leaked"] for each in checked.feature("stats:city")["leakage"]] == [0, 0, 0]
    assert checked.feature("twice:doubled")["leakage"] == [], "a transform leaks what it reads: the note says so"


def test_late_rows_that_no_later_window_reads_are_never_served(project: Project) -> None:
    # The last event of drivers 7 and 8 is at 04:00 and comes at 07:00, in no window of 06:00-12:00 by its event time.
    defined(project)
    events = [(driver, hour) for driver in range(DRIVERS) for hour in (0, 4)] + [(0, 24)]
    known = {(7, 4): 7.0, (8, 4): 7.0}
    project.source(
        "stats",
        {
            "driver_id": [driver for driver, _ in events],
            "at": [DAY + hours(hour) for _, hour in events],
            "known": [DAY + hours(known.get(event, event[1])) for event in events],
            "trips": [100 * driver + hour for driver, hour in events],
            "city": [f"city {driver}" for driver, _ in events],
        },
    )
    checked = project.check("--replay", "4", "--feature", "stats:trips")
    assert [row[:3] for row in rows_of(checked, project, "stats:trips")] == [
        (hour, driver, "mismatch") for hour in (6, 12, 18, 24) for driver in (7, 8)
    ]
    assert "leakage: in 2 of 40 rows (5 %)" in notes(checked, "stats:trips"), "from 07:00 on it could be known"
    assert checked.feature("stats:trips")["causes"] == {"late_arrival": 8}


@BOTH_STORES
def test_expired_values_are_served_at_the_instants_they_expired(project: Project) -> None:
    # Driver 3 has no event after 08:00, TTL is 5 hours: expired at 18:00 and 24:00.
    defined(project, ttl=5)
    events = [(driver, hour) for driver in range(DRIVERS) for hour in range(0, 25, 4) if driver != 3 or hour <= 8]
    times = [DAY + hours(hour) for _, hour in events]
    project.source(
        "stats",
        {
            "driver_id": [driver for driver, _ in events], "at": times, "known": times,
            "trips": [100 * driver + hour for driver, hour in events],
            "city": [f"city {driver}" for driver, _ in events],
        },
    )  # fmt: skip
    checked = project.check("--replay", "4", "--feature", "stats")
    assert checked.exit_code == 1, checked.stderr
    assert rows_of(checked, project, "stats:trips") == [
        (18, 3, "missing_offline", "ttl_not_enforced"), (24, 3, "missing_offline", "ttl_not_enforced"),
    ]  # fmt: skip
    assert "leakage: none" in notes(checked, "stats:trips")


@BOTH_STORES
def test_entities_are_asked_for_from_their_first_event_on(project: Project) -> None:
    defined(project)
    first = {driver: 2 * driver for driver in range(9)} | {9: 17}  # the span is 24 hours by driver 0
    events = [*first.items(), (0, 24)]
    times = [DAY + hours(hour) for _, hour in events]
    project.source(
        "stats",
        {
            "driver_id": [driver for driver, _ in events], "at": times,
            # Driver 9 is known two hours later, at 19:00: a value in training and none in serving.
            "known": [time + hours(2 * (driver == 9)) for (driver, _), time in zip(events, times, strict=True)],
            "trips": list(range(11)), "city": ["x"] * 11,
        },
    )  # fmt: skip
    checked = project.check("--replay", "4", "--feature", "stats:trips")
    assert checked.counts("stats:trips") == {
        "requested": 31, "compared": 31, "matched": 29, "missing_online": 2, "skewed": 2,
    }, "4 at 06:00, 7 at 12:00, 10 at 18:00 and at 24:00"  # fmt: skip
    assert rows_of(checked, project, "stats:trips") == [
        (18, 9, "missing_online", "late_arrival"), (24, 9, "missing_online", "late_arrival"),
    ]  # fmt: skip


def test_each_window_begins_with_the_instant_that_the_last_one_ended_with(project: Project) -> None:
    # Driver 0's event of 06:00 comes at 09:00: not known at 06:00, and materialized from 06:00 on at 12:00.
    defined(project)
    events = [(driver, hour) for driver in range(DRIVERS) for hour in (0, 6)] + [(1, 24)]
    project.source(
        "stats",
        {
            "driver_id": [driver for driver, _ in events],
            "at": [DAY + hours(hour) for _, hour in events],
            "known": [DAY + hours(hour + 3 * ((driver, hour) == (0, 6))) for driver, hour in events],
            "trips": [100 * driver + hour for driver, hour in events],
            "city": ["x"] * len(events),
        },
    )
    checked = project.check("--replay", "4", "--feature", "stats:trips")
    assert rows_of(checked, project, "stats:trips") == [(6, 0, "mismatch", "late_arrival")]


@BOTH_STORES
def test_on_demand_view_that_is_stored_is_materialized_step_by_step(project: Project) -> None:
    defined(project)
    code = (project.folder / "definitions.py").read_text()
    kept = code.replace(
        "sources=[stats], schema", "entities=[driver], write_to_online_store=True, sources=[stats], schema"
    )
    (project.folder / "definitions.py").write_text(kept.replace("Float64", "Int64").replace("* 2.0", "* 2"))
    drive(project, {(4, 4): 3})
    checked = project.check("--replay", "4", "--feature", "twice")
    assert checked.counts("twice:doubled") == {
        "requested": 40, "compared": 40, "matched": 39, "mismatched": 1, "skewed": 1,
    }  # fmt: skip
    assert rows_of(checked, project, "twice:doubled")[0][:3] == (6, 4, "mismatch")


def test_rows_that_the_user_lists_are_asked_for_at_every_instant(project: Project, tmp_path: Path) -> None:
    drive(defined(project), {(3, 4): 3})
    rows = tmp_path / "rows.csv"
    rows.write_text("driver_id\n3\n7\n99\n")
    checked = project.check("--replay", "4", "--entities", str(rows), "--feature", "stats:trips")
    assert checked.counts("stats:trips") == {
        "requested": 12, "compared": 12, "matched": 11, "mismatched": 1, "skewed": 1,
    }  # fmt: skip


@pytest.mark.slow
def test_the_flights_example_leaks_nothing(flights_copy: Path, in_project: Callable[..., str]) -> None:
    said = in_project(
        flights_copy,
        "skewguard",
        "check",
        "feature_repo",
        "--replay",
        "3",
        "--sample",
        "20",
        "--feature",
        "carrier_delays",
    )
    assert "0 of 48 rows differ" in said
    assert "leakage: none" in said


def test_source_without_created_times(project: Project) -> None:
    drive(defined(project, known=False), {(0, 4): 3})
    checked = project.check("--replay", "2", "--feature", "stats:trips")
    assert checked.exit_code == 0, checked.stdout
    assert "cannot see late data" in notes(checked, "stats:trips")


def test_what_cannot_be_replayed(tmp_path: Path) -> None:
    project = defined(Project(folder=tmp_path / "repo"))
    drive(project)
    live = project.check("--replay", "3", "--live")
    assert live.exit_code == 2
    assert "`--live` and `--replay` cannot be given together" in live.stderr
    rows = tmp_path / "rows.csv"
    rows.write_text("driver_id,event_timestamp\n1,2026-03-01T01:00:00Z\n")
    timed = project.check("--replay", "3", "--entities", str(rows))
    assert timed.exit_code == 2
    assert "`--replay` and `--entities` cannot be given together" in timed.stderr + timed.stdout
