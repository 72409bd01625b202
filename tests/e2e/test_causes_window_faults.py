"""Windows that end in the future or before they begin: what is said of them is right, or nothing is."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from building import Checked, Project, hours
from deploying import BOTH, CREATED, VIEW
from seeding import note

pytestmark = pytest.mark.feast


def test_a_window_that_ends_in_the_future(tmp_path: Path) -> None:
    """As of its end, which is not now, everything would be expired: it was materialized as of now."""
    project = Project(folder=tmp_path / "repo")
    project.define(VIEW.format(created=CREATED, ttl="timedelta(hours=24)"))
    now = datetime.now(UTC)
    ages = [hours(30 if driver == 1 else 10) for driver in range(20)]

    def write(values: list[int]) -> None:
        at = [now - age for age in ages]
        rates = [each / 8 for each in values]
        project.source("stats", {"driver_id": list(range(20)), "at": at, "known": at, "trips": values, "rate": rates})

    def told(checked: Checked, **wanted: int) -> None:
        note(checked, dict.fromkeys(BOTH, wanted))
        for ref in BOTH:
            assert checked.feature(ref)["causes"] == wanted

    write(list(range(20)))
    store = project.apply()
    with contextlib.chdir(project.folder):
        store.materialize(now - hours(48), now + hours(72))
    checked = project.check("--live", "--as-of", "materialized")
    told(checked, ttl_not_enforced=1)  # what is expired now, and not what will be
    assert datetime.fromisoformat(checked.result["as_of"]) < datetime.now(UTC)
    assert any("in the future" in note for note in checked.feature("stats:trips")["notes"])
    store.registry.apply_materialization(store.get_feature_view("stats"), "shop", now + hours(99), now + hours(88))
    # A push after all that: the window covers its time, but was materialized before.
    pushed_at = pd.to_datetime([datetime.now(UTC)], utc=True)
    row = {"driver_id": [3], "at": pushed_at, "known": pushed_at, "trips": [777], "rate": [7.0]}
    store.push("pushed", pd.DataFrame(row))
    write([*range(19), 500])
    told(project.check("--live"), ttl_not_enforced=1, unexplained=1, rewritten_history=1)
    # An instant that was asked for is taken at its word.
    told(project.check("--live", "--as-of", (now + hours(73)).isoformat()), ttl_not_enforced=20)
