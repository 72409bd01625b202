"""One cell of each cause carries the source rows around it, for `explain`; all others are as they were."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skewguard import sql
from skewguard.causes.worked import with_source_rows
from skewguard.model import FeatureSpec, JoinKey, SourceSpec, ViewKind, ViewSpec

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ODD = 'v"0 select'


def ago(count: float) -> datetime:
    return NOON - timedelta(hours=count)


def cells(*rows: tuple[int, int, str, Any]) -> pa.Table:
    """Cells: row, position, cause, time of the online row. The last cause `fresh` is no skew."""
    count = len(rows)
    return pa.table(
        {
            "row_id": pa.array([each[0] for each in rows], pa.int64()),
            "position": pa.array([each[1] for each in rows], pa.int32()),
            "cause": [each[2] for each in rows],
            "skewed": [each[2] != "fresh" for each in rows],
            "offline_value": ["1"] * count,
            "online_value": ["2"] * count,
            "source_event_timestamp": pa.array([NOON] * count, pa.timestamp("us", "UTC")),
            "online_event_timestamp": pa.array([each[3] for each in rows], pa.timestamp("us", "UTC")),
            "evidence": pa.array(['{"noted": 1}'] * count, pa.string()),
        }
    )


def view(*keys: str) -> ViewSpec:
    return ViewSpec(
        name="v", base_name="v", kind=ViewKind.FEATURE_VIEW,
        join_keys=tuple(JoinKey(name=f"asked {each}", column=each, dtype="Int64") for each in keys),
        features=(FeatureSpec(view="v", name="n", dtype="Float64"), FeatureSpec(view="v", name=ODD, dtype="String")),
    )  # fmt: skip


def worked(folder: Path, table: pa.Table, *keys: str, created: bool = True) -> dict[tuple[int, int], dict[str, Any]]:
    """The evidence by cell, for a source with ten events for each of two keys, an hour apart, the last after as-of."""
    at = [ago(each) for each in range(9, -1, -1)] * 2
    source = {
        "key": [1] * 10 + [2] * 10, "at": at, "made": [each + timedelta(minutes=1) for each in at],
        "n": [each / 4 for each in range(20)], ODD: [f"<{each}>" for each in range(20)],
    }  # fmt: skip
    path = folder / "slice.parquet"
    pq.write_table(pa.table(source), path)
    truth = SourceSpec(
        name="s", path=str(path), file_format="parquet", timestamp_column="at",
        created_column="made" if created else None,
    )  # fmt: skip
    rows = pa.table(
        {
            "row_id": pa.array([5, 6, 7], pa.int64()),
            **{f"asked {each}": pa.array([2, 1, 99], pa.int64()) for each in keys},
            "as_of": pa.array([ago(0.5)] * 3, pa.timestamp("us", "UTC")),
        }
    )
    with sql.connect() as connection:
        found = with_source_rows(connection, table, view=view(*keys), truth=truth, rows=rows, facts={"ttl_seconds": 9})
    assert found.drop_columns(["evidence"]).equals(table.drop_columns(["evidence"]))
    places = zip(found["row_id"].to_pylist(), found["position"].to_pylist(), strict=True)
    return dict(zip(places, map(json.loads, found["evidence"].to_pylist()), strict=True))


def test_the_newest_rows_up_to_the_instant_and_those_that_online_has(tmp_path: Path) -> None:
    found = worked(tmp_path, cells((5, 0, "late_arrival", ago(8)), (5, 1, "late_arrival", ago(8))), "key")
    numbers = found[5, 0]
    assert (numbers["noted"], numbers["ttl_seconds"]) == (1, 9)
    assert [each["value"] for each in numbers["source_rows"]] == ["2.75", "3.75", "4.0", "4.25", "4.5"]
    assert numbers["source_rows"][0] == {
        "event": "2026-03-01T04:00:00+00:00", "created": "2026-03-01T04:01:00+00:00", "value": "2.75",
    }  # fmt: skip
    assert [each["value"] for each in found[5, 1]["source_rows"]] == ["<11>", "<15>", "<16>", "<17>", "<18>"]


def test_one_cell_of_each_cause_and_feature_is_worked(tmp_path: Path) -> None:
    asked = [(5, 0, "precision", None), (6, 0, "precision", None), (6, 1, "precision", None), (5, 1, "fresh", None)]
    found = worked(tmp_path, cells(*asked, (7, 0, "tie_break", None)), "key", created=False)
    shown = {cell: evidence.get("source_rows") for cell, evidence in found.items()}
    assert shown[6, 0] is None
    assert shown[5, 1] is None
    assert shown[7, 0] == []
    assert [set(each) for each in shown[5, 0]] == [{"event", "value"}] * 4
    assert [each["value"] for each in shown[6, 1]] == ["<5>", "<6>", "<7>", "<8>"]


def test_a_view_without_keys(tmp_path: Path) -> None:
    found = worked(tmp_path, cells((5, 0, "precision", None)))
    assert len(found[5, 0]["source_rows"]) == 4


@pytest.mark.parametrize("evidence", [None, "{}"])
def test_evidence_that_was_empty(tmp_path: Path, evidence: str | None) -> None:
    table = cells((5, 0, "unexplained", None))
    table = table.set_column(table.column_names.index("evidence"), "evidence", pa.array([evidence], pa.string()))
    assert set(worked(tmp_path, table, "key")[5, 0]) == {"source_rows", "ttl_seconds"}
