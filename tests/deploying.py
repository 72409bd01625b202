"""A repo of one view, deployed by Feast's own Python API, with a history that tests of causes write."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from building import NOON, Checked, Project, hours
from seeding import note

VIEW = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
source = FileSource(name="s", path=HERE + "/stats.parquet", timestamp_field="at"{created})
pushed = PushSource(name="pushed", batch_source=source)
stats = FeatureView(name="stats", entities=[driver], ttl={ttl}, source=pushed,
                    schema=[Field(name="trips", dtype=Int64), Field(name="rate", dtype=Float32)])
"""
CREATED = ', created_timestamp_column="known"'
BOTH = ("stats:trips", "stats:rate")


@dataclass(frozen=True)
class Event:
    """One source row: the driver, its age at NOON in hours, and how long before NOON it was created."""

    driver: int
    age: float
    value: int
    created: float | None = None


@dataclass
class Deployed:
    """A repo of one view, deployed by Feast's own Python API, with a history that tests write."""

    project: Project
    created: bool = True
    ttl: str = "timedelta(hours=96)"
    events: list[Event] = field(default_factory=list)
    store: Any = None

    def define(self, code: str | None = None) -> None:
        self.project.define(code or VIEW.format(created=CREATED if self.created else "", ttl=self.ttl))

    def write(self) -> None:
        """The source as `events` have it. The values of a row's features follow from its one value."""
        columns: dict[str, list[Any]] = {
            "driver_id": [each.driver for each in self.events],
            "at": [NOON - hours(each.age) for each in self.events],
            "trips": [each.value for each in self.events],
            "rate": [each.value / 8 for each in self.events],
        }
        if self.created:
            ages = [each.age if each.created is None else each.created for each in self.events]
            columns["known"] = [NOON - hours(age) for age in ages]
        self.project.source("stats", columns)

    def apply(self) -> None:
        """What `feast apply` does, without its second import of Feast."""
        from feast import Entity, FeatureStore, FeatureView
        from feast.data_source import DataSource

        space: dict[str, Any] = {"__name__": "definitions"}
        path = self.project.folder / "definitions.py"
        exec(compile(path.read_text(), path, "exec"), space)
        objects = [each for each in space.values() if isinstance(each, Entity | FeatureView | DataSource)]
        with contextlib.chdir(self.project.folder):
            self.store = FeatureStore(repo_path=str(self.project.folder))
            self.store.apply(objects)

    def materialize(self, first: float, last: float) -> None:
        """From and to so many hours before NOON."""
        with contextlib.chdir(self.project.folder):
            self.store.materialize(NOON - hours(first), NOON - hours(last))

    def push(self, *events: Event) -> None:
        """To the online store alone, Feast's default."""
        import pandas as pd

        rows = {
            "driver_id": [each.driver for each in events],
            "at": pd.to_datetime([NOON - hours(each.age) for each in events], utc=True),
            "known": pd.to_datetime([NOON - hours(each.age) for each in events], utc=True),
            "trips": [each.value for each in events],
            "rate": pd.Series([each.value / 8 for each in events]),
        }
        self.store.push("pushed", pd.DataFrame(rows))

    def check(self, *words: str, as_of: datetime = NOON) -> Checked:
        return self.project.check("--live", "--as-of", as_of.isoformat(), *words)


def history(count: int = 20, *ages: float) -> list[Event]:
    """The same ages for every driver, each event with a value of its own."""
    return [Event(driver, age, 1000 * driver + at) for driver in range(count) for at, age in enumerate(ages)]


def play(deployed: Deployed, events: Iterable[Event], *windows: tuple[float, float]) -> None:
    """Events are written, the view is applied and materialized."""
    deployed.events = list(events)
    deployed.write()
    deployed.apply()
    for first, last in windows:
        deployed.materialize(first, last)


def diffs(checked: Checked, project: Project) -> list[tuple[str, int, str, str, dict[str, Any]]]:
    """Feature, driver, cause, blame and evidence of every skewed cell."""
    import duckdb

    with duckdb.connect(str(project.folder / "skewguard.duckdb"), read_only=True) as ledger:
        found = ledger.sql(
            "select feature, entity, cause, blame, evidence from latest_diffs where skewed order by row_id, feature"
        ).fetchall()
    return [
        (feature, json.loads(entity).get("driver_id"), cause, blame, json.loads(evidence or "{}"))
        for feature, entity, cause, blame, evidence in found
    ]


def expect(
    checked: Checked,
    project: Project,
    causes: dict[str, set[int]],
    *,
    features: Iterable[str] = BOTH,
    blame: str = "online",
) -> list[dict[str, Any]]:
    """Exactly these drivers are skewed for these causes, in each of the features; returns the evidence of all cells."""
    note(checked, {ref: {cause: len(drivers) for cause, drivers in causes.items()} for ref in features})
    assert checked.exit_code == (1 if any(causes.values()) else 0), checked.stdout + checked.stderr
    cells = diffs(checked, project)
    wanted = {
        (feature, driver, cause) for feature in features for cause, drivers in causes.items() for driver in drivers
    }
    assert {(feature, driver, cause) for feature, driver, cause, _, _ in cells} == wanted
    assert {said for _, _, _, said, _ in cells} <= {blame}
    for each in checked.result["features"]:
        counted = {cause: len(drivers) for cause, drivers in causes.items() if drivers}
        assert each["causes"] == (counted if each["feature"] in features else {}), each["feature"]
        assert (each["verdict"] == "fail") == (each["feature"] in features and bool(counted))
    evidence = [each for _, _, _, _, each in cells]
    assert all(evidence)
    return evidence


EVERYONE = set(range(20))
