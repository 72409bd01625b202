"""The source side: TTL edges, ties, field mappings, aliases, types, and what it says beside the values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skewguard import sql
from skewguard.errors.source import SourceColumnMissing
from skewguard.model import FeatureSpec, JoinKey, Side, SourceSpec, ViewKind, ViewSpec
from skewguard.source import compute_source

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
TIME = pa.timestamp("us", "UTC")
HOUR = timedelta(hours=1)


def side(
    folder: Path,
    columns: dict[str, Any],
    *,
    features: tuple[str, ...] = ("x",),
    keys: tuple[JoinKey, ...] = (JoinKey(name="id", column="id", dtype="Int64"),),
    asked: dict[str, Any] | None = None,
    as_of: datetime = NOON,
    ttl: timedelta | None = None,
    **source: Any,
) -> Side:
    pq.write_table(pa.table(columns), folder / "slice.parquet")
    spec = SourceSpec(name="s", path="", file_format="", timestamp_column="at", **source)
    view = ViewSpec(
        name="v",
        base_name="v",
        kind=ViewKind.FEATURE_VIEW,
        join_keys=keys,
        features=tuple(FeatureSpec(view="v", name=name, dtype="Int64") for name in features),
        ttl=ttl,
        source=spec,
    )
    rows = pa.table(asked if asked is not None else {"id": [1]})
    count = rows.num_rows
    rows = rows.append_column("row_id", pa.array(range(count), pa.int64()))
    rows = rows.append_column("as_of", pa.array([as_of] * count, TIME))
    return compute_source(sql.connect(), view, folder / "slice.parquet", rows)


def times(*moments: datetime | None, unit: str = "us", zone: str | None = "UTC") -> pa.Array:
    naive = [None if each is None else each.astimezone(UTC).replace(tzinfo=None) for each in moments]
    return (
        pa.array(naive, pa.timestamp(unit)).cast(pa.timestamp(unit, zone))
        if zone
        else pa.array(naive, pa.timestamp(unit))
    )


@pytest.mark.parametrize(("age", "found"), [(HOUR, True), (HOUR + timedelta(microseconds=1), False)])
def test_an_event_exactly_as_old_as_the_ttl_counts(tmp_path: Path, age: timedelta, found: bool) -> None:
    answer = side(tmp_path, {"id": [1], "at": times(NOON - age), "x": [7]}, ttl=HOUR).table.to_pylist()[0]
    assert (answer["v0"], answer["returned"]) == ((7, True) if found else (None, False))
    assert answer["expired_event_timestamp"] == (None if found else NOON - age)


@pytest.mark.parametrize(("event", "found"), [(NOON, True), (NOON + timedelta(microseconds=1), False)])
def test_an_event_exactly_at_as_of_counts(tmp_path: Path, event: datetime, found: bool) -> None:
    answer = side(tmp_path, {"id": [1], "at": times(event), "x": [7]}).table.to_pylist()[0]
    assert answer["returned"] is found
    assert answer["expired_event_timestamp"] is None


def test_a_ttl_beyond_all_time_expires_nothing(tmp_path: Path) -> None:
    ancient = datetime(1900, 1, 1, tzinfo=UTC)
    answer = side(tmp_path, {"id": [1], "at": times(ancient), "x": [7]}, ttl=timedelta.max).table.to_pylist()[0]
    assert answer["v0"] == 7


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York", "+05:30"])
def test_times_of_every_unit_and_zone_are_instants(tmp_path: Path, unit: str, zone: str | None) -> None:
    before, after = NOON - timedelta(seconds=1), NOON + timedelta(seconds=1)
    answer = side(tmp_path, {"id": [1, 1], "at": times(before, after, unit=unit, zone=zone), "x": [1, 2]})
    row = answer.table.to_pylist()[0]
    assert (row["v0"], row["event_timestamp"]) == (1, before)
    assert answer.table.schema.field("event_timestamp").type == TIME


def test_a_date_is_its_first_instant(tmp_path: Path) -> None:
    dates = pa.array([NOON.date(), NOON.date() + timedelta(days=1)], pa.date32())
    assert side(tmp_path, {"id": [1, 1], "at": dates, "x": [1, 2]}).table["v0"].to_pylist() == [1]


def test_the_later_created_of_two_rows_wins_whatever_their_order(tmp_path: Path) -> None:
    at, made = times(NOON, NOON, NOON), times(NOON, NOON + HOUR, None)
    answer = side(tmp_path, {"id": [1, 1, 1], "at": at, "made": made, "x": [1, 2, 3]}, created_column="made")
    row = answer.table.to_pylist()[0]
    assert (row["v0"], row["ties"], row["k0"], row["created_timestamp"]) == (2, 1, True, NOON + HOUR)
    assert not answer.notes


def test_rows_that_nothing_decides_between_give_no_source_value(tmp_path: Path) -> None:
    columns = {"id": [1, 1], "at": times(NOON, NOON), "x": [1, 2], "y": ["same", "same"]}
    answer = side(tmp_path, columns, features=("x", "y"))
    row = answer.table.to_pylist()[0]
    assert (row["ties"], row["k0"], row["k1"], row["v1"]) == (2, False, True, "same")
    assert len(answer.notes) == 1
    assert "v:x: 1 rows have no one source value" in answer.notes[0]


def test_mapped_renamed_and_odd_names(tmp_path: Path) -> None:
    odd = 'se"lect; drop table x -- ' + "ü" * 60
    answer = side(
        tmp_path,
        {"driver id": [1, 2], "at": times(NOON, NOON), odd: [10, 20], "Value": [1, 2], "value": [3, 4]},
        features=("amount", "value", "Value"),
        keys=(JoinKey(name="home's driver", column="driver", dtype="Int64"),),
        asked={"home's driver": [2, 3]},
        field_mapping={"driver id": "driver", odd: "amount"},
    )
    assert [answer.table[f"v{at}"].to_pylist() for at in range(3)] == [[20, None], [4, None], [2, None]]


def test_without_keys_every_row_is_asked_of_the_one_entity(tmp_path: Path) -> None:
    columns = {"at": times(NOON - HOUR, NOON), "x": [1, 2]}
    answer = side(tmp_path, columns, keys=(), asked={"any": [1, 2]})
    assert answer.table["v0"].to_pylist() == [2, 2]


def test_values_keep_the_types_of_the_source(tmp_path: Path) -> None:
    columns = {
        "id": [1],
        "at": times(NOON),
        "u": pa.array([2**64 - 1], pa.uint64()),
        "d": pa.array([Decimal("1.10")], pa.decimal128(10, 2)),
        "f": pa.array([0.1], pa.float32()),
        "s": pa.array([{"a": 1, "b": None}], pa.struct([("a", pa.int16()), ("b", pa.string())])),
        "m": pa.array([[("k", 2**53 + 1)]], pa.map_(pa.string(), pa.int64())),
        "l": pa.array([[[1], []]], pa.list_(pa.list_(pa.int64()))),
        "n": pa.array([float("nan")]),
        "b": pa.array([b"\x00\xff"]),
    }
    names = tuple(name for name in columns if name not in ("id", "at"))
    table = side(tmp_path, columns, features=names).table
    for at, name in enumerate(names):
        assert repr(table[f"v{at}"].to_pylist()) == repr(columns[name].to_pylist()), name
    assert table.schema.field("v0").type == pa.uint64()
    assert table.schema.field("v1").type == pa.decimal128(10, 2)
    assert table.schema.field("v2").type == pa.float32()


def test_a_missing_feature_column_says_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(SourceColumnMissing, match="no column 'amoun'.*feature 'v:amoun'.*near it: amount"):
        side(tmp_path, {"id": [1], "at": times(NOON), "amount": [1]}, features=("amoun",))


def test_a_column_with_the_name_of_duckdbs_row_number(tmp_path: Path) -> None:
    columns = {"id": [1, 1], "at": times(NOON - HOUR, NOON), "File_Row_Number": [7, 8]}
    assert side(tmp_path, columns, features=("File_Row_Number",)).table["v0"].to_pylist() == [8]


def test_keys_asked_in_another_type_match_what_equals_them(tmp_path: Path) -> None:
    columns = {"id": [7, 8], "at": times(NOON, NOON), "x": [1, 2]}
    answer = side(tmp_path, columns, asked={"id": ["7", "007", "8.0", "x"]})
    assert answer.table["v0"].to_pylist() == [1, None, None, None]
