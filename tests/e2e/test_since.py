"""`--since`: bounds which entities are drawn, and what is pulled from a warehouse; it raises no false alarm."""

from __future__ import annotations

import json
from typing import Any

import pytest
from building import NOON, Project, hours

pytestmark = pytest.mark.feast

DEFINITIONS = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
source = FileSource(name="s", path=HERE + "/stats.parquet", timestamp_field="at")
stats = FeatureView(name="stats", entities=[driver], ttl=timedelta(0), source=source,
                    schema=[Field(name="trips", dtype=Int64)])
"""
# Drivers 0 to 9 have an old event, and of them 0 to 3 a new one too.
AGES = [(driver, 300.0) for driver in range(10)] + [(driver, 2.0) for driver in range(4)]
SINCE = (NOON - hours(24)).isoformat()


def columns(ages: list[tuple[int, float]]) -> dict[str, list[Any]]:
    return {
        "driver_id": [driver for driver, _ in ages],
        "at": [NOON - hours(age) for _, age in ages],
        "trips": [driver * 100 + int(age) for driver, age in ages],
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(folder=tmp_path_factory.mktemp("since"))
    made.define(DEFINITIONS)
    made.source("stats", columns(AGES))
    return made


def test_of_files_it_bounds_who_is_drawn_and_nothing_that_is_read_of_them(project: Project) -> None:
    assert project.check().counts("stats:trips") == {"requested": 10, "compared": 10, "matched": 10}
    bounded = project.check("--since", SINCE)
    assert bounded.exit_code == 0, bounded.stdout + bounded.stderr
    assert bounded.counts("stats:trips") == {"requested": 4, "compared": 4, "matched": 4}
    exact = project.check("--since", (NOON - hours(2)).isoformat())
    assert exact.counts("stats:trips")["requested"] == 4, "an event at that very instant counts"


def test_rows_that_the_user_lists_are_asked_for_all_the_same(project: Project) -> None:
    (project.folder / "rows.csv").write_text("driver_id\n1\n8\n")
    listed = project.check("--since", SINCE, "--entities", str(project.folder / "rows.csv"))
    assert listed.counts("stats:trips") == {"requested": 2, "compared": 2, "matched": 2}


def test_a_time_after_every_event_is_told_from_an_empty_source(project: Project) -> None:
    late = project.check("--since", NOON.isoformat(), "--as-of", NOON.isoformat())
    assert late.exit_code == 2
    assert "has no event from --since" in late.stderr and "newest event is at" in late.stderr
    assert json.loads((project.folder / "result.json").read_text())["verdict"] == "error"


def test_a_population_that_was_drawn_whole_is_said_to_be(project: Project) -> None:
    said = "the whole population of every view was drawn"
    assert said in " ".join(project.check().stdout.split())
    assert said in " ".join(project.check("--sample", "10").stdout.split())
    assert said not in " ".join(project.check("--sample", "9").stdout.split())
    assert "whole population" not in project.check("--since", SINCE).stdout, "six of ten were left out"
