"""Batch views with a function of their own, and bound transforms, from a Feast repo as it stands to the laws."""

from __future__ import annotations

import pickle
import random
from dataclasses import replace
from pathlib import Path

import pytest
from building import NOON, Project, hours

from skewguard import sql
from skewguard.feature_store.load import open_repo
from skewguard.feature_store.parity_world import Surroundings
from skewguard.model import Law, LawResult, LawVerdict
from skewguard.pipeline import parity_batch
from skewguard.proofs.laws import history

pytestmark = pytest.mark.feast

VIEWS = """
from feast import BatchFeatureView

driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
rides = FileSource(name="rides", path=HERE + "/rides.parquet", timestamp_field="event_timestamp")
KEPT = ["driver_id", "event_timestamp"]

def per_km(frame):
    return frame[KEPT].assign(fare_per_km=frame["fare"] / frame["km"])

def total(frame):
    frame = frame.sort_values("event_timestamp")
    return frame[KEPT].assign(total=frame.groupby("driver_id")["fare"].cumsum())

def standardized(frame):
    return frame[KEPT].assign(z=(frame["fare"] - frame["fare"].mean()) / frame["fare"].std())

def first_come(frame):
    return frame[KEPT].assign(turn=frame.groupby("driver_id").cumcount())

def everywhere(frame):
    return frame[["event_timestamp"]].assign(fare=frame["fare"] * 2)

def leaving(frame):
    import sys
    sys.exit(3)

def view(function, feature, dtype, entities=(driver,)):
    return BatchFeatureView(
        name=function.__name__, entities=list(entities), schema=[Field(name=feature, dtype=dtype)], source=rides,
        udf=function, udf_string="none", mode="pandas", online=True,
    )

per_km_view = view(per_km, "fare_per_km", Float64)
total_view = view(total, "total", Float64)
standardized_view = view(standardized, "z", Float64)
first_come_view = view(first_come, "turn", Int64)
everywhere_view = view(everywhere, "fare", Float64, entities=())
leaving_view = view(leaving, "fare", Float64)
"""
LAWS = tuple(history.TESTS)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[Law, LawResult]]:
    """Every law of every view, over rides of five drivers."""
    project = Project(folder=tmp_path_factory.mktemp("rides"))
    drawn = random.Random(3)
    times = [NOON - hours(drawn.randrange(24 * 40 * 60) / 60) for _ in range(300)]
    fares = {"fare": [round(drawn.uniform(3, 50), 2) for _ in times], "km": [drawn.randrange(1, 30) for _ in times]}
    project.source("rides", {"driver_id": [drawn.randrange(1, 6) for _ in times], "event_timestamp": times, **fares})
    project.define(VIEWS)
    return laws_of(project.folder)


def laws_of(folder: Path) -> dict[str, dict[Law, LawResult]]:
    with open_repo(folder=folder) as repo:
        around = Surroundings()
        made = parity_batch.in_repo(repo, sql.connect(), around, seed=0)
        assert not made.errors
        results = {}
        for code in made.codes:
            again, _ = parity_batch.recreated(pickle.loads(pickle.dumps(made.recipes[code.name])), around)
            apart = replace(code, fresh=again.ask)
            results[code.name] = {law: history.tested(apart, law, examples=20, seed=0, patience=60) for law in LAWS}
        return results


def broken(results: dict[Law, LawResult]) -> set[Law]:
    return {law for law, each in results.items() if each.verdict is LawVerdict.BROKEN}


def test_a_function_of_single_events_keeps_every_law(found: dict[str, dict[Law, LawResult]]) -> None:
    results = found["per_km"]
    assert broken(results) == set()
    held = {law for law, each in results.items() if each.verdict is LawVerdict.HELD}
    assert held == set(LAWS) - {Law.LOOKBACK_SUFFICIENT}


def test_a_view_without_entities_is_tried(found: dict[str, dict[Law, LawResult]]) -> None:
    assert broken(found["everywhere"]) == set()
    assert found["everywhere"][Law.SCHEMA_KEPT].verdict is LawVerdict.HELD


def test_a_function_that_ends_the_program_breaks_its_schema(found: dict[str, dict[Law, LawResult]]) -> None:
    assert broken(found["leaving"]) == {Law.SCHEMA_KEPT}
    assert found["leaving"][Law.SCHEMA_KEPT].message == "given no events it raises SystemExit: 3"


@pytest.mark.parametrize(
    ("view", "laws"),
    [
        ("total", {Law.INCREMENTAL}),
        ("standardized", {Law.NO_LOOKAHEAD, Law.ENTITY_ISOLATED, Law.INCREMENTAL}),
        ("first_come", {Law.ORDER_INVARIANT}),
    ],
)
def test_what_hangs_on_the_window_or_its_order_is_found(
    found: dict[str, dict[Law, LawResult]], view: str, laws: set[Law]
) -> None:
    assert laws <= broken(found[view])
    assert not broken(found[view]) & {Law.DETERMINISTIC, Law.SCHEMA_KEPT, Law.INPUT_UNTOUCHED, Law.REHYDRATES}
    told = found[view][next(iter(laws))]
    assert told.counterexample is not None and len(told.counterexample["events"]["events"]) <= 4
