"""Ledgers for the tests of the HTML report: a real check of a small airline, and a large run that is made up."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
from building import NOON, Project, hours
from hostile import NOW, feature, run_record, skewed

from skewguard import ledger
from skewguard.model import Mode, Outcome

ORIGINS = ("JFK", "LGA", "EWR")
DEFINITIONS = """
route = Entity(name="route", join_keys=["origin"])
slot = Entity(name="slot", join_keys=["slot_hour"], value_type=ValueType.INT64)
gate = Entity(name="gate", join_keys=["gate"], value_type=ValueType.INT64)

def view(name, features, **facts):
    return FeatureView(
        name=name, entities=[route, slot, gate], schema=[Field(name=each, dtype=Float64) for each in features],
        source=FileSource(path=HERE + f"/{name}.parquet", timestamp_field="at"), **facts,
    )

departures = view("departures", ["mean_delay_7d", "cancelled_share"], ttl=timedelta(hours=8), owner="ops@example.org")
weather = view("weather", ["wind_speed", "visibility"], ttl=timedelta(days=9), owner="met@example.org")

gusts = [Field(name="wind_rank", dtype=Float64), Field(name="gusty", dtype=Bool)]

@on_demand_feature_view(sources=[weather], schema=gusts)
def wind(inputs: pd.DataFrame) -> pd.DataFrame:
    ranked = inputs["wind_speed"].rank(pct=True).astype("float64")
    return pd.DataFrame({"wind_rank": ranked, "gusty": inputs["wind_speed"] > 14})
"""
PROMISES = """
[tool.skewguard.contracts."weather:wind_speed"]
range = [2, 20]
owner = "met@example.org"
"""


def airline(folder: Path) -> Project:
    """A repo of which departures expire at JFK before six, and one on-demand feature ranks within its batch."""
    project = Project(folder=folder)
    keys = [(origin, hour, gate) for origin in ORIGINS for hour in range(24) for gate in range(4)]
    drawn = random.Random(5)
    columns = {
        "origin": [key[0] for key in keys],
        "slot_hour": [key[1] for key in keys],
        "gate": [key[2] for key in keys],
    }
    late = [origin == "JFK" and hour < 6 for origin, hour, _ in keys]
    ages = [hours(10 + hour if old else 1 + hour / 8) for old, (_, hour, _) in zip(late, keys, strict=True)]
    for name, features in (
        ("departures", ("mean_delay_7d", "cancelled_share")),
        ("weather", ("wind_speed", "visibility")),
    ):
        values = {each: [round(drawn.gauss(12, 4), 3) for _ in keys] for each in features}
        project.source(name, {**columns, "at": [NOON - age for age in ages], **values})
    project.define(DEFINITIONS)
    (folder / "pyproject.toml").write_text(PROMISES, encoding="utf-8")
    return project


def large(path: Path, *, features: int = 1000, cells: int = 200) -> int:
    """A run of 1,000 features of which every second is skewed in 200 of 1,000 rows; how many cells differ.

    In every sixth of them the skew is where `origin = 'JFK' and hour < 16`.
    """
    drawn = random.Random(3)
    entities = [
        {"origin": drawn.choice(ORIGINS), "flight": drawn.randrange(900_000), "hour": drawn.randrange(24)}
        for _ in range(1000)
    ]
    told = [json.dumps(each) for each in entities]
    there = [row for row, each in enumerate(entities) if each["origin"] == "JFK" and each["hour"] < 16]
    found, columns = [], {name: [] for name in ("row_id", "feature", "entity", "offline_number", "online_number")}
    for at in range(features):
        view, name = f"view_{at // 20}", f"feature_{at}"
        if at % 2 == 0:
            found.append(feature(view, name, owner=f"team {at % 7}"))
            continue
        causes = {"ttl_not_enforced": cells // 2, "late_arrival": cells // 2}
        found.append(replace(skewed(view, name, cells, "ttl_not_enforced"), causes=causes, owner=f"team {at % 7}"))
        rows = sorted(drawn.sample(range(1000), cells) if at % 3 else there[:cells])
        for row in rows:
            value = drawn.gauss(100, 20)
            cell = (row + 1, found[-1].feature, told[row], value, value * 1.1 + drawn.gauss(0, 3))
            for column, each in zip(columns.values(), cell, strict=True):
                column.append(each)
    _write_large(path, found, columns, told)
    return len(columns["row_id"])


def _write_large(path: Path, found: list, columns: dict[str, list], told: list[str]) -> None:
    count = len(columns["row_id"])
    offline, online = columns["offline_number"], columns["online_number"]
    events = [NOW - timedelta(hours=at * 7 % 300) for at in range(count)]
    texts = {"source_value": offline, "offline_value": offline, "online_value": online}
    same = {
        "as_of": NOW,
        "kind": "mismatch",
        "skewed": True,
        "blame": "online",
        "evidence": '{"because": "a test", "ttl": "2h"}',
    }
    diffs = pa.table(
        columns
        | {name: [repr(each) for each in values] for name, values in texts.items()}
        | {name: [value] * count for name, value in same.items()}
        | {
            "cause": ["ttl_not_enforced", "late_arrival"] * (count // 2),
            "source_number": offline,
            "abs_error": [abs(one - two) for one, two in zip(offline, online, strict=True)],
            "rel_error": [abs(one - two) / abs(one) for one, two in zip(offline, online, strict=True)],
            "source_event_timestamp": events,
            "online_event_timestamp": [each - timedelta(hours=3) for each in events],
            "freshness_lag": [timedelta(hours=(1, 3, 30)[at % 3]) for at in range(count)],
        }
    )
    rows = pa.table({"row_id": range(1, len(told) + 1), "entity": told, "as_of": [NOW] * len(told)})
    run = run_record(config={}, project="shop", mode=Mode.SANDBOX)
    ledger.write_outcome(path, Outcome(run=run, exit_code=1, features=tuple(found)), entity_rows=rows, diffs=diffs)
