"""What earlier runs saw of a cell may show that no write of the source's file is why it differs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from skewguard import sql
from skewguard.causes.refute import refuted

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WRITTEN = NOON + timedelta(hours=3)
INSTANT = pa.timestamp("us", "UTC")
CELL = {
    "feature": "v:x", "entity": '{"k": 1}', "source_event_timestamp": NOON - timedelta(hours=9),
    "online_event_timestamp": NOON - timedelta(hours=9), "source_value": "5", "source_number": 5.0,
    "online_value": "7", "online_number": 7.0,
}  # fmt: skip
TYPES = {
    **dict.fromkeys(("feature", "entity", "source_value", "online_value", "cause"), pa.string()),
    **dict.fromkeys(("source_number", "online_number"), pa.float64()),
    **dict.fromkeys(("source_event_timestamp", "online_event_timestamp", "as_of", "found_at"), INSTANT),
    "row_id": pa.int64(), "position": pa.int32(),
}  # fmt: skip


def table(*rows: dict[str, Any], columns: tuple[str, ...]) -> pa.Table:
    return pa.table({name: pa.array([row[name] for row in rows], TYPES[name]) for name in columns})


def taken_back(*, weak: bool, seen: dict[str, Any] | None = None, matched: datetime | None = None) -> bool:
    """Whether a cell that is as of NOON is not rewritten history, by what one earlier run found."""
    cells = table({**CELL, "row_id": 1, "position": 0, "as_of": NOON}, columns=(*CELL, "row_id", "position", "as_of"))
    earlier = [] if seen is None else [{**CELL, **seen}]
    agreed = [] if matched is None else [{**CELL, "as_of": matched}]
    with sql.connect() as connection:
        found = refuted(
            connection,
            cells,
            table(*earlier, columns=(*CELL, "cause", "found_at")),
            table(*agreed, columns=("feature", "entity", "as_of")),
            modified_at=WRITTEN,
            weak=weak,
        )
    return len(found) == 1


@pytest.mark.parametrize("weak", [True, False])
def test_what_was_unexplained_stays_so(weak: bool) -> None:
    then = {"cause": "unexplained", "found_at": WRITTEN + timedelta(hours=1)}
    assert taken_back(weak=weak, seen=then)
    assert taken_back(weak=weak, seen={**then, "source_value": "4", "source_number": 4.0})
    assert not taken_back(weak=weak, seen={**then, "online_value": "8", "online_number": 8.0})
    assert not taken_back(weak=weak, seen={**then, "online_event_timestamp": NOON - timedelta(hours=10)})
    assert not taken_back(weak=weak)


def test_the_same_values_before_the_file_was_written() -> None:
    before = {"cause": "unit_scale", "found_at": WRITTEN - timedelta(hours=1)}
    assert taken_back(weak=True, seen=before)
    assert not taken_back(weak=False, seen=before), "there is more evidence than the time of the file"
    assert not taken_back(weak=True, seen={**before, "found_at": WRITTEN + timedelta(hours=1)})
    assert not taken_back(weak=True, seen={**before, "source_value": "4", "source_number": 4.0})
    assert not taken_back(weak=True, seen={**before, "cause": "rewritten_history"})


@pytest.mark.parametrize("weak", [True, False])
def test_what_matched_as_of_the_same_event(weak: bool) -> None:
    assert taken_back(weak=weak, matched=NOON - timedelta(hours=1))
    assert taken_back(weak=weak, matched=NOON)
    assert not taken_back(weak=weak, matched=NOON + timedelta(hours=1)), "another event may have been the newest"
    assert not taken_back(weak=weak, matched=NOON - timedelta(hours=10)), "its event had not come"
