"""Opening sources: files, folders, globs, CSV; and what a user reads when there is nothing fit to open."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skewguard import sql
from skewguard.errors import SkewguardError
from skewguard.errors.source import (
    SourceFilesDisagree,
    SourceMissing,
    SourceNotParquet,
    SourceNotSupported,
    SourceTimeNotTime,
    SourceUnreadable,
)
from skewguard.model import SourceSpec
from skewguard.reading import Opened, open_source


def opened(path: str | Path, folder: Path, **options: Any) -> Opened:
    spec = SourceSpec(name="trips", path=str(path), **{"file_format": "", "timestamp_column": "at", **options})
    return open_source(sql.connect(), spec, folder=folder)


def rows(source: Opened) -> list[dict[str, Any]]:
    found = source.relation.to_arrow_table().to_pylist()
    return sorted(found, key=repr)


def write(path: Path, **columns: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize(
    "name", ["a.parquet", "with space & ünicode.parquet", "brackets[1]*?.parquet", "day=1.pq", "none"]
)
def test_a_file_by_any_name(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, x=[1])
    write(tmp_path / "brackets1.parquet", x=[2])
    assert rows(opened(name, tmp_path)) == [{"x": 1}]
    assert rows(opened(tmp_path / name, tmp_path / "elsewhere")) == [{"x": 1}]


def test_a_file_url(tmp_path: Path) -> None:
    write(tmp_path / "a b.parquet", x=[1])
    assert rows(opened((tmp_path / "a b.parquet").as_uri(), tmp_path / "elsewhere")) == [{"x": 1}]


def test_a_folder_skips_what_is_not_data(tmp_path: Path) -> None:
    write(tmp_path / "t" / "part-0.parquet", x=[1])
    write(tmp_path / "t" / "deep" / "part-1.parquet", x=[2])
    write(tmp_path / "t" / "_delta" / "part-2.parquet", x=[3])
    write(tmp_path / "t" / ".hidden.parquet", x=[4])
    (tmp_path / "t" / "_SUCCESS").touch()
    (tmp_path / "t" / "README.md").write_text("no data")
    assert rows(opened("t", tmp_path)) == [{"x": 1}, {"x": 2}]


def test_hive_folders_are_columns_those_above_the_source_are_not_needed(tmp_path: Path) -> None:
    root = tmp_path / "env=prod" / "t"
    write(root / "day=2024-01-01" / "n=1" / "f.parquet", x=[1])
    write(root / "day=2024-01-02" / "n=2" / "f.parquet", x=[2])
    source = opened(root, tmp_path)
    assert [(row["x"], str(row["day"]), row["n"]) for row in rows(source)] == [
        (1, "2024-01-01", 1),
        (2, "2024-01-02", 2),
    ]
    assert {"x", "day", "n"} <= set(source.names)
    assert set(source.schema.names) == set(source.names)


def test_files_of_a_growing_schema_fit_together_by_name(tmp_path: Path) -> None:
    write(tmp_path / "t" / "a.parquet", x=pa.array([1], pa.int32()), y=["a"])
    write(tmp_path / "t" / "b.parquet", y=["b"], x=pa.array([2**40], pa.int64()), z=[True])
    source = opened("t", tmp_path)
    assert rows(source) == [{"x": 1, "y": "a", "z": None}, {"x": 2**40, "y": "b", "z": True}]
    assert source.schema.field("x").type == pa.int64()


def test_a_glob(tmp_path: Path) -> None:
    for name in ("a1", "a2", "b1"):
        write(tmp_path / "t" / f"{name}.parquet", x=[name])
    assert rows(opened("t/a*.parquet", tmp_path)) == [{"x": "a1"}, {"x": "a2"}]


def test_csv_keeps_zeros_in_front_and_reads_zones(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,at,x\n007,2024-01-01T00:00:00Z,1\n008,2024-01-01T02:00:00+02:00,\n")
    source = opened("a.csv", tmp_path)
    midnight = datetime(2024, 1, 1, tzinfo=UTC)
    assert rows(source) == [{"id": "007", "at": midnight, "x": 1}, {"id": "008", "at": midnight, "x": None}]
    assert rows(opened("a.csv", tmp_path, file_format="csv")) == rows(source)


def test_columns_that_differ_in_case_alone_stay_apart(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", Value=[1], value=[2], VALUE=[3])
    source = opened("a.parquet", tmp_path)
    for name, expected in (("Value", 1), ("value", 2), ("VALUE", 3)):
        assert source.relation.select(source.column(name, "feature")).fetchall() == [(expected,)]


def test_nothing_there_names_what_is_near(tmp_path: Path) -> None:
    write(tmp_path / "trips.parquet", x=[1])
    with pytest.raises(
        SourceMissing, match=r"'trips' reads .*trip\.parquet, where there is nothing.*near it: trips\.parquet"
    ):
        opened("trip.parquet", tmp_path)
    with pytest.raises(SourceMissing):
        opened("none/*.parquet", tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceMissing):
        opened("empty", tmp_path)


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (b"", SourceNotParquet, "it is empty"),
        (b"id,at\n1,2\n", SourceNotParquet, "does not begin as one"),
        (b"PAR1", SourceUnreadable, "cannot be read"),
        (b"PAR1" + b"\0" * 200 + b"PAR1", SourceUnreadable, "cannot be read"),
    ],
)
def test_what_is_not_parquet(tmp_path: Path, content: bytes, error: type[SkewguardError], said: str) -> None:
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(error, match=said) as caught:
        opened("a.parquet", tmp_path)
    assert "\n" not in str(caught.value)


def test_a_csv_that_is_declared_parquet_is_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n")
    with pytest.raises(SourceNotParquet):
        opened("a.csv", tmp_path, file_format="parquet")


def test_files_that_do_not_fit_together(tmp_path: Path) -> None:
    write(tmp_path / "t" / "a.parquet", x=[1])
    write(tmp_path / "t" / "b.parquet", x=["b"])
    with pytest.raises(SourceFilesDisagree, match="do not fit together"):
        opened("t", tmp_path)


def test_a_place_of_another_kind(tmp_path: Path) -> None:
    with pytest.raises(SourceNotSupported, match="hdfs://"):
        opened("hdfs://host/a.parquet", tmp_path)


@pytest.mark.parametrize("column", [["2024-01-01"], [1_704_067_200], [True]])
def test_a_time_that_is_none(tmp_path: Path, column: list[Any]) -> None:
    write(tmp_path / "a.parquet", at=column)
    source = opened("a.parquet", tmp_path)
    with pytest.raises(SourceTimeNotTime, match="event timestamp 'at' of the source 'trips'.*not a time"):
        source.time("at", "event timestamp")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.parquet")
    with pytest.raises(SourceUnreadable, match="it is a pipe"):
        opened("pipe.parquet", tmp_path)
