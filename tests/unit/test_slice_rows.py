"""Which rows and columns a slice holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skewguard import sql
from skewguard.errors.source import SliceNotWritten, SourceColumnMissing, SourceUnreadable
from skewguard.model import FeatureSpec, JoinKey, SourceSpec, ViewKind, ViewSpec
from skewguard.reading import open_source
from skewguard.slice import SliceInfo, write_slice

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
TIME = pa.timestamp("us", "UTC")
HOUR = timedelta(hours=1)


def cut(
    folder: Path,
    columns: dict[str, Any] | None,
    keys: dict[str, Any],
    *,
    key_columns: tuple[str, ...] = ("id",),
    features: tuple[str, ...] = ("x",),
    has_udf: bool = False,
    field_mapping: dict[str, str] | None = None,
    created: str | None = None,
    row_group_size: int = 2,
    **options: Any,
) -> tuple[SliceInfo, pa.Table]:
    if columns is not None:
        pq.write_table(pa.table(columns), folder / "source.parquet", row_group_size=row_group_size)
    options = {"out": folder / "slice.parquet", **options}
    spec = SourceSpec(
        name="s",
        path="source.parquet",
        file_format="parquet",
        timestamp_column="at",
        created_column=created,
        field_mapping=field_mapping or {},
    )
    view = ViewSpec(
        name="alias",
        base_name="v",
        kind=ViewKind.FEATURE_VIEW,
        join_keys=tuple(JoinKey(name=f"my_{name}", column=name, dtype="Int64") for name in key_columns),
        features=tuple(FeatureSpec(view="alias", name=name, dtype="Int64") for name in features),
        source=spec,
        has_udf=has_udf,
    )
    connection = sql.connect()
    opened = open_source(connection, spec, folder=folder)
    asked = pa.table({f"my_{name}": values for name, values in keys.items()})
    info = write_slice(connection, opened, view, asked, as_of=NOON, **options)
    assert connection.execute("select 1").fetchall() == [(1,)], "the connection is free again"
    return info, pq.read_table(folder / "slice.parquet")


def at(*hours: float | None) -> pa.Array:
    return pa.array([None if each is None else NOON + each * HOUR for each in hours], TIME)


def test_all_rows_of_the_keys_up_to_as_of_in_their_order(tmp_path: Path) -> None:
    columns = {
        "id": [1, 2, 1, 1, 1, None, 1, 3],
        "at": at(0, 0, -1, -1, 0.1, 0, None, -2),
        "x": [10, 20, 11, 11, 12, 13, 14, 30],
        "unused": [0] * 8,
    }
    info, table = cut(tmp_path, columns, {"id": pa.array([1, 3, 4, 1], pa.int64())})
    assert table.column_names == ["id", "at", "x"]
    assert table["x"].to_pylist() == [10, 11, 11, 14, 30]
    assert (info.rows, info.oldest, info.newest) == (5, NOON - 2 * HOUR, NOON)


def test_many_rows_lie_as_they_lay_in_the_source(tmp_path: Path) -> None:
    """Feast breaks ties by the order of rows; a join in DuckDB keeps none, and another one each time."""
    count = 60_000
    columns = {"id": [number % 500 for number in range(count)], "at": at(0).take([0] * count), "x": list(range(count))}
    _, table = cut(tmp_path, columns, {"id": pa.array(range(30), pa.int64())}, row_group_size=1000)
    assert table["x"].to_pylist() == [number for number in range(count) if number % 500 < 30]


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_what_a_microsecond_would_make_a_tie_is_left_out(tmp_path: Path, zone: str | None) -> None:
    """Of events a few nanoseconds apart Feast takes the newest on both sides; in microseconds either might be."""

    def fine(*nanoseconds: int | None) -> pa.Array:
        start = (NOON - HOUR - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1) * 10**9
        return pa.array([None if each is None else start + each for each in nanoseconds], pa.timestamp("ns", zone))

    columns = {
        "id": [1, 1, 1, 1, 2, 2, 3, 3, 3, 3, 4],
        "at": fine(300, 700, 100, 1000, 5, 5, 5, 5, 5, 6, None),
        "made": fine(0, 0, 0, 0, 1, 1, 100, 900, None, 0, 0),
        "x": list(range(11)),
    }
    keys = {"id": pa.array([1, 2, 3, 4], pa.int64())}
    info, table = cut(tmp_path, columns, keys, created="made")
    assert table["x"].to_pylist() == [1, 3, 4, 5, 9, 10]  # ties of the source stay, and so does what has no time
    assert (info.rows, table.schema.field("at").type) == (6, pa.timestamp("us", zone))
    columns["at"] = fine(*[5] * 10, None)
    assert cut(tmp_path, columns, keys, created="made")[1]["x"].to_pylist() == [0, 1, 2, 3, 4, 5, 7, 8, 10]
    _, table = cut(tmp_path, columns | {"at": fine(*[0] * 11)}, keys)
    assert table["x"].to_pylist() == list(range(11))


def test_keys_match_exactly(tmp_path: Path) -> None:
    big = 2**53
    columns = {
        "id": pa.array([big, big + 1, big + 1, big + 2]),
        "name": ["a", "a", "A", "a "],
        "at": at(0, 0, 0, 0),
        "x": [1, 2, 3, 4],
    }
    keys = {"id": pa.array([big + 1, big + 2]), "name": ["a", "a"]}
    _, table = cut(tmp_path, columns, keys, key_columns=("id", "name"))
    assert table["x"].to_pylist() == [2]


def test_a_transformed_view_gets_all_columns_and_may_get_all_rows(tmp_path: Path) -> None:
    columns = {"id": [1, 2, 3], "at": at(0, 0, 1), "raw": [1, 2, 3], "": [1, 1, 1]}
    keys = {"id": pa.array([1], pa.int64())}
    _, one = cut(tmp_path, columns, keys, has_udf=True, features=("made",), all_columns=True)
    assert one.column_names == list(columns)
    assert one["raw"].to_pylist() == [1]
    info, every = cut(tmp_path, columns, keys, has_udf=True, features=("made",), all_columns=True, all_rows=True)
    assert every["raw"].to_pylist() == [1, 2]
    assert info.rows == 2


def test_mapped_columns_keep_their_source_names(tmp_path: Path) -> None:
    columns = {"driver": [1, 2], "at": at(0, 0), "made": at(0, 0), "Value": [5, 6], "value": [7, 8], "other": [0, 0]}
    mapping = {"driver": "id", "value": "x"}
    keys = {"id": pa.array([2], pa.int64())}
    _, table = cut(tmp_path, columns, keys, field_mapping=mapping, created="made")
    assert table.to_pylist() == [{"driver": 2, "at": NOON, "made": NOON, "value": 8}]


def test_nothing_found_is_an_empty_slice_with_its_types(tmp_path: Path) -> None:
    info, table = cut(tmp_path, {"id": [1], "at": at(0), "x": [1]}, {"id": pa.array([9], pa.int64())})
    assert (info.rows, info.oldest, info.newest) == (0, None, None)
    assert table.schema.types == [pa.int64(), TIME, pa.int64()]


def test_without_keys_all_rows_are_the_one_entitys(tmp_path: Path) -> None:
    _, table = cut(tmp_path, {"at": at(-1, 0, 1), "x": [1, 2, 3]}, {}, key_columns=())
    assert table["x"].to_pylist() == [1, 2]


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("id", "join key of view 'v'"),
        ("at", "event timestamp"),
        ("made", "created timestamp"),
        ("x", "column behind a feature of view 'v'"),
    ],
)
def test_a_missing_column_is_named_with_its_part(tmp_path: Path, missing: str, said: str) -> None:
    columns = {"id": [1], "at": at(0), "made": at(0), "x": [1]}
    del columns[missing]
    with pytest.raises(SourceColumnMissing, match=f"no column '{missing}', which is the {said}.*All its columns: "):
        cut(tmp_path, columns, {"id": pa.array([1], pa.int64())}, created="made")


@pytest.mark.parametrize(
    ("stored", "asked", "expected"),
    [
        (pa.array([7, 8], pa.int64()), pa.array(["7", "007", "x"]), [7]),
        (pa.array(["7", "007"]), pa.array([7], pa.int64()), ["7"]),
        (pa.array([7, 8], pa.int64()), pa.array([7.9, 8.0]), [8]),
        (pa.array([1, 2], pa.int8()), pa.array([300, 2], pa.int64()), [2]),
        (pa.array(["a", "b"]).dictionary_encode(), pa.array(["b"]), ["b"]),
    ],
    ids=str,
)
def test_keys_drawn_elsewhere_match_what_equals_them(tmp_path: Path, stored: Any, asked: Any, expected: Any) -> None:
    _, table = cut(tmp_path, {"id": stored, "at": at(0, 0), "x": [1, 2]}, {"id": asked})
    assert table["id"].to_pylist() == expected


def test_a_damaged_page_is_the_sources_error(tmp_path: Path) -> None:
    columns = {"id": [1, 2], "at": at(0, 0), "x": ["one", "two"]}
    keys = {"id": pa.array([1], pa.int64())}
    cut(tmp_path, columns, keys)
    path = tmp_path / "source.parquet"
    offset = pq.read_metadata(path).row_group(0).column(2).data_page_offset
    content = bytearray(path.read_bytes())
    content[offset : offset + 12] = b"\xff" * 12
    path.write_bytes(content)
    with pytest.raises(SourceUnreadable, match="cannot be read") as caught:
        cut(tmp_path, None, keys)
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_not_the_sources_fault(tmp_path: Path) -> None:
    columns = {"id": [1], "at": at(0), "x": [1]}
    with pytest.raises(SliceNotWritten, match=r"cannot be written to .*: No space left on device"):
        cut(tmp_path, columns, {"id": pa.array([1], pa.int64())}, out=Path("/dev/full"))
