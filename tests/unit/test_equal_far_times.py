"""Times beyond the years that Python has: compared by the specification all the same."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import skewguard
from skewguard.equality.plain import plain

FAR = 253_402_300_800  # the first second of the year 10000
SECOND = 10**6
MOMENTS = pa.timestamp("us", "UTC")


def test_what_python_has_is_itself_and_other_times_are_seconds() -> None:
    times = pa.array([FAR * SECOND + 500_000, 0, None], MOMENTS)
    assert plain(times) == [Decimal("253402300800.5"), datetime(1970, 1, 1, tzinfo=UTC), None]
    assert plain(pa.array([FAR // 86_400, 1], pa.date32()))[0] == FAR
    inner = pa.struct([("at", MOMENTS), ("by", pa.map_(pa.string(), MOMENTS))])
    nested = pa.chunked_array(
        [pa.array([[{"at": FAR * SECOND, "by": [("k", FAR * SECOND)]}, None], None], pa.list_(inner))]
    )
    assert plain(nested) == [[{"at": FAR, "by": [("k", FAR)]}, None], None]
    assert plain(pa.array([[FAR * SECOND]], pa.list_(MOMENTS, 1))) == [[FAR]]


@pytest.mark.parametrize(
    ("offline", "online", "mismatched"),
    [
        ([FAR * SECOND, 0], [FAR * SECOND, 0], 0),
        ([FAR * SECOND, 0], [FAR * SECOND + 1, 0], 1),
        ([FAR * SECOND, 0], [0, 0], 1),
        ([0, FAR * SECOND], [0, -FAR * SECOND], 1),
    ],
    ids=["alike", "a microsecond on", "only one far", "before the year 1"],
)
def test_lists_of_far_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offline: list[Any], online: list[Any], mismatched: int
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, cell in (("offline", offline), ("online", online)):
        cells = pa.array([cell, [0]], pa.list_(MOMENTS))
        pq.write_table(pa.table({"k": [1, 2], "seen": cells}), f"{name}.parquet")
    result = skewguard.diff("offline.parquet", "online.parquet", key="k")
    (seen,) = result.features
    assert (seen.compared, seen.mismatched) == (2, mismatched)
    assert len(result.to_arrow("diffs")) == mismatched
