"""Where the skew is: found where it is put, whatever else there is, and never told of rows drawn blindly."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hostile import feature, run_record, skewed

from skewguard import ledger
from skewguard.ledger.figures import read_figures
from skewguard.model import FeatureResult, Outcome

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
Entity = dict[str, Any]


def entities(seed: int, count: int = 1000) -> list[Entity]:
    drawn = random.Random(seed)
    return [
        {
            "origin": drawn.choice(["JFK", "LGA", "EWR", "it's; --"]),
            "hour": drawn.randrange(24),
            "flight": drawn.randrange(10**6),
            "tail": drawn.choice([None, *map(str, range(900))]) if row % 5 else None,
            "booked_at": (NOON + timedelta(hours=drawn.randrange(24 * 14))).isoformat(),
        }
        for row in range(count)
    ]


def found(folder: Path, rows: list[Entity], skew: dict[str, list[int]], **facts: Any) -> dict[str, dict[str, Any]]:
    """What the search says of each feature, skewed in the rows of `skew`."""
    told = [json.dumps(each) for each in rows]
    cells = [(name, row) for name, members in skew.items() for row in members]
    names = [name for name, _ in cells]
    ids = [row for _, row in cells]
    diffs = pa.table(
        {
            "row_id": pa.array(ids, pa.int64()),
            "feature": pa.array(names, pa.string()),
            "entity": [told[row] for row in ids],
            "as_of": [NOON] * len(ids),
            "kind": ["mismatch"] * len(ids),
            "skewed": [True] * len(ids),
            "cause": ["unexplained"] * len(ids),
        }
    )
    usual: dict[str, Any] = {"requested": len(rows), "compared": len(rows)}
    features: list[FeatureResult] = [
        skewed("v", name.partition(":")[2], len(members), "unexplained", **(usual | facts))
        if members
        else feature("v", name.partition(":")[2])
        for name, members in skew.items()
    ]
    asked = pa.table({"row_id": range(len(rows)), "entity": told, "as_of": [NOON] * len(rows)})
    db = folder / f"{len(list(folder.iterdir()))}.duckdb"
    run = run_record(config={})
    ledger.write_outcome(db, Outcome(run=run, exit_code=1, features=tuple(features)), entity_rows=asked, diffs=diffs)
    with ledger.open_ledger(db) as connection:
        answer = read_figures(connection, run.run_id)["predicate"].rows.to_pylist()
    return {row["feature"]: row for row in answer}


def said(row: dict[str, Any]) -> str:
    first = " ".join(str(row[name]) for name in ("name", "sign", "value") if row[name] is not None)
    second = " ".join(str(row[name]) for name in ("name_2", "sign_2", "value_2") if row[name] is not None)
    return f"{first} and {second}" if second else first


STORIES: dict[str, tuple[Callable[[Entity], bool], str]] = {
    "v:value": (lambda each: each["origin"] == "it's; --", "origin = it's; --"),
    "v:both": (lambda each: each["origin"] == "JFK" and each["hour"] < 6, "hour < 6 and origin = JFK"),
    "v:below": (lambda each: each["hour"] < 3, "hour < 3"),
    "v:above": (lambda each: each["hour"] >= 20, "hour >= 20"),
    "v:null": (lambda each: each["tail"] is None, "tail is null"),
    "v:weekday": (lambda each: weekday(each) == 6, "weekday of booked_at = Sunday"),
    "v:night": (lambda each: datetime.fromisoformat(each["booked_at"]).hour < 5, "hour of booked_at < 5"),
}


def weekday(entity: Entity) -> int:
    return datetime.fromisoformat(entity["booked_at"]).weekday()


@pytest.mark.parametrize("seed", range(2))
def test_the_conditions_that_hold_the_skew_are_found(tmp_path: Path, seed: int) -> None:
    rows, drawn = entities(seed), random.Random(seed)
    skew = {}
    for name, (holds, _) in STORIES.items():
        members = {row for row, each in enumerate(rows) if holds(each) and drawn.random() < 0.97}
        skew[name] = sorted(members | set(drawn.sample(range(1000), 2)))  # and two that do not belong to it
    answer = found(tmp_path, rows, skew)
    for name, (holds, expected) in STORIES.items():
        row = answer[name]
        assert said(row) == expected
        inside = [at for at, each in enumerate(rows) if holds(each)]
        hit = len(set(inside) & set(skew[name]))
        assert (row["rows"], row["cells"], row["skewed"], row["drawn"]) == (len(inside), hit, len(skew[name]), 1000)
        assert row["recall"] == pytest.approx(hit / len(skew[name]))
        assert row["precision"] == pytest.approx(hit / len(inside))
        assert row["lift"] == pytest.approx(row["precision"] / (len(skew[name]) / 1000))


@pytest.mark.parametrize("seed", range(2))
def test_rows_drawn_blindly_tell_no_story(tmp_path: Path, seed: int) -> None:
    rows, drawn = entities(seed), random.Random(1000 + seed)
    sizes = [*range(1, 30), 50, 100, 200, 400, 700, 900, 999, 1000] * 3
    skew = {f"v:{at}": sorted(drawn.sample(range(1000), size)) for at, size in enumerate(sizes)}
    assert found(tmp_path, rows, skew) == {}


def test_a_few_cells_or_nearly_all_tell_no_story(tmp_path: Path) -> None:
    rows = entities(1)
    jfk = [at for at, each in enumerate(rows) if each["origin"] == "JFK"]
    skew = {
        "v:few": jfk[:9],
        "v:all": [at for at, each in enumerate(rows) if each["origin"] != "JFK" or each["hour"] < 20],
    }
    assert found(tmp_path, rows, skew) == {}


def test_half_of_the_skew_elsewhere_tells_no_story(tmp_path: Path) -> None:
    rows = entities(2)
    jfk = [at for at, each in enumerate(rows) if each["origin"] == "JFK"]
    others = [at for at, each in enumerate(rows) if each["origin"] != "JFK"]
    assert found(tmp_path, rows, {"v:mixed": sorted(jfk[:100] + others[:100])}) == {}


def test_where_other_rows_have_the_same_keys_no_rate_is_claimed(tmp_path: Path) -> None:
    rows = entities(3)
    jfk = [at for at, each in enumerate(rows) if each["origin"] == "JFK"]
    assert found(tmp_path, rows, {"v:x": jfk})
    assert found(tmp_path, rows, {"v:x": jfk}, requested=700) == {}, "which 300 were not asked for is not known"
