"""A SQLite store that another time zone wrote tells other event times: no cause is named for that alone."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from building import NOON, Project, hours
from deploying import Deployed, Event, expect, history, play

pytestmark = pytest.mark.feast

NEW_YORK, TOKYO = "America/New_York", "Asia/Tokyo"
MATERIALIZE = """
import sys
from datetime import datetime
from skewguard.feature_store.arrival import import_feast
import_feast()  # as Feast imports itself, in a third of the time
from feast import FeatureStore
FeatureStore(".").materialize(*map(datetime.fromisoformat, sys.argv[1:]))
"""


@pytest.fixture
def deployed(tmp_path: Path) -> Deployed:
    """Nothing is applied or written yet; values expire after a day."""
    made = Deployed(Project(folder=tmp_path / "repo"), ttl="timedelta(hours=24)")
    made.define()
    return made


@contextlib.contextmanager
def zone(name: str) -> Iterator[None]:
    """The time zone of this process, as the environment sets it for one that starts."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        del os.environ["TZ"]
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


def play_in(name: str, deployed: Deployed, events: list[Event], *windows: tuple[float, float]) -> None:
    play(deployed, events)
    with zone(name):
        for window in windows:
            deployed.materialize(*window)


def said(checked: Any, ref: str = "stats:trips") -> str:
    return " ".join(checked.feature(ref)["notes"])


def varied(*ages: float) -> list[Event]:
    """As `history`, but no two drivers have an event at the same time."""
    return [Event(each.driver, each.age + each.driver / 20, each.value) for each in history(20, *ages)]


OLD = [Event(100 + driver, 30 + driver, driver) for driver in range(3)]


def expect_expired(deployed: Deployed, drivers: set[int], *, shift: int, text: str) -> None:
    checked = deployed.check()
    evidence = expect(checked, deployed.project, {"ttl_not_enforced": drivers})
    corrected = [each["online_event"] == each["expired_event"] for each in evidence]
    assert sum(corrected) >= 2 * len(OLD), "in summer another distance from UTC holds, within the hour"
    assert evidence[0]["online_times_shifted_by_seconds"] == shift
    assert text in said(checked)


def test_another_process_wrote_the_store(deployed: Deployed) -> None:
    """The real thing: a clean repo stays green, and expired values are what they are under UTC.

    What expired last October was written at another distance from UTC than what matches now.
    """
    play(deployed, varied(10, 4))
    ran = subprocess.run(
        [sys.executable, "-c", MATERIALIZE, *((NOON - hours(age)).isoformat() for age in (60, 0))],
        cwd=deployed.project.folder, env={**os.environ, "TZ": NEW_YORK}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    checked = deployed.check()
    expect(checked, deployed.project, {})
    assert "5 hours ahead" in said(checked)
    deployed.events += OLD + [Event(200 + driver, 24 * 125 + driver, driver) for driver in range(3)]
    deployed.write()
    with zone(NEW_YORK):
        deployed.materialize(24 * 130, 0)
    expect_expired(deployed, {100, 101, 102, 200, 201, 202}, shift=18_000, text="5 hours ahead")


def test_expired_values_in_a_shifted_store(deployed: Deployed) -> None:
    play_in(TOKYO, deployed, varied(10, 4) + OLD, (60, 0))
    expect_expired(deployed, {100, 101, 102}, shift=-32_400, text="9 hours behind")


def test_other_causes_in_a_shifted_store(deployed: Deployed) -> None:
    newer = [Event(driver, 2, 9) for driver in range(3)]
    play_in(NEW_YORK, deployed, varied(10, 6) + newer, (60, 4))
    deployed.events = [each for each in deployed.events if (each.driver, each.age) != (7, 6.35)]
    deployed.events += [Event(5, 5, 77, created=1)]
    deployed.write()
    wanted = {"not_yet_materialized": {0, 1, 2}, "deleted_upstream": {7}, "late_arrival": {5}}
    expect(deployed.check(), deployed.project, wanted)


def test_nothing_matches_in_a_shifted_store(deployed: Deployed) -> None:
    """By how much it is shifted nobody can know: the values tell that these are expired ones, and the times nothing."""
    play_in(NEW_YORK, deployed, [Event(driver, 26 + driver, driver) for driver in range(20)], (60, 0))
    checked = deployed.check()
    expect(checked, deployed.project, {"ttl_not_enforced": set(range(20))})
    assert "hours ahead" not in said(checked)


def test_a_store_that_is_an_hour_behind_is_no_shifted_one(deployed: Deployed) -> None:
    """Equal values an hour later look like a shifted clock, but for the older events that have them, too."""
    hourly = [Event(driver, age, 5) for driver in range(20) for age in (3, 2)]
    changed = [Event(driver, 1, 6 if driver < 4 else 5) for driver in range(20)]
    play(deployed, hourly + changed, (60, 1.5))
    checked = deployed.check()
    expect(checked, deployed.project, {"not_yet_materialized": {0, 1, 2, 3}})
    assert "hours" not in said(checked)


def test_pushes_alone_are_no_shifted_store(deployed: Deployed) -> None:
    """Every row was pushed, hours after its newest event: by times alone this is a store of another zone."""
    play(deployed, history(20, 10))
    deployed.materialize(60, 8)
    deployed.push(*(Event(driver, 5, 7 + driver) for driver in range(20)))
    expect(deployed.check(), deployed.project, {"online_only_push": set(range(20))})


def test_a_table_kept_in_place_that_moved_on_is_no_shifted_store(deployed: Deployed) -> None:
    """One row for each entity, written anew half a day later: the times of all rows moved, few of their values did."""
    play(deployed, [Event(driver, 14, driver) for driver in range(20)], (60, 10))
    before = deployed.events
    deployed.events = [Event(driver, 2, 77 if driver < 4 else driver) for driver in range(20)]
    deployed.write()
    checked = deployed.check()
    expect(checked, deployed.project, {"not_yet_materialized": {0, 1, 2, 3}})
    assert "hours" not in said(checked)
    # Now its events are in a window, but it came when the run was over.
    deployed.events = before
    deployed.write()
    deployed.materialize(10, 1)
    deployed.events = [Event(driver, 2, 77 if driver < 4 else driver, created=0.5) for driver in range(20)]
    deployed.write()
    checked = deployed.check()
    expect(checked, deployed.project, {"late_arrival": {0, 1, 2, 3}})
    assert "hours" not in said(checked)


def test_pushes_on_the_hour_are_no_shifted_store(deployed: Deployed) -> None:
    """Everything is pushed again hours after the batch of the day, most of it unchanged."""
    play(deployed, [Event(driver, 14, driver) for driver in range(20)], (60, 13))
    deployed.push(*(Event(driver, 2, 77 + driver if driver < 4 else driver) for driver in range(20)))
    checked = deployed.check()
    expect(checked, deployed.project, {"online_only_push": {0, 1, 2, 3}})
    assert "hours" not in said(checked)
