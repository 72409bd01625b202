"""A slice has the types of its source, for every reader that Feast uses: Arrow, pandas and DuckDB."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skewguard import sql
from skewguard.errors.source import SourceTypeNotReadable
from skewguard.model import FeatureSpec, JoinKey, SourceSpec, ViewKind, ViewSpec
from skewguard.reading import open_source
from skewguard.slice import SliceInfo, write_slice

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
NAN = float("nan")
COLUMNS = {
    "int8": pa.array([1, None], pa.int8()),
    "uint64": pa.array([2**64 - 1, None], pa.uint64()),
    "float16": pa.array([1.5, None], pa.float16()),
    "float32": pa.array([0.1, NAN], pa.float32()),
    "float64": pa.array([NAN, None], pa.float64()),
    "decimal": pa.array([Decimal("1.10"), None], pa.decimal128(38, 9)),
    "small decimal256": pa.array([Decimal("1.10"), None], pa.decimal256(20, 2)),
    "date32": pa.array([date(2024, 1, 1), None], pa.date32()),
    "date64": pa.array([date(2024, 1, 1), None], pa.date64()),
    "time32": pa.array([1, None], pa.time32("ms")),
    "time64": pa.array([1, None], pa.time64("ns")),
    "duration": pa.array([1, None], pa.duration("us")),
    "string": pa.array(["", None]),
    "large string": pa.array(["'; drop table x", None], pa.large_string()),
    "string view": pa.array(["a", None], pa.string_view()),
    "binary": pa.array([b"\x00\xff", None]),
    "large binary": pa.array([b"", None], pa.large_binary()),
    "fixed binary": pa.array([b"ab", None], pa.binary(2)),
    "category": pa.array(["b", None]).dictionary_encode(),
    "uuid": pa.array([uuid.UUID(int=7).bytes, None], pa.uuid()),
    "bool": pa.array([True, None]),
    "null": pa.nulls(2),
    "fixed list": pa.array([[1.0, 2.0], None], pa.list_(pa.float32(), 2)),
    "large list": pa.array([[1, None], []], pa.large_list(pa.int32())),
    "nested list": pa.array([[["a"], []], None]),
    "struct": pa.array([{"a": 1, "b": None}, None], pa.struct([("a", pa.int16()), ("b", pa.large_string())])),
    "map": pa.array([[("a", 2**53 + 1)], None], pa.map_(pa.string(), pa.int64())),
    "naive s": pa.array([1, None], pa.timestamp("s")),
    "naive ns": pa.array([1_000_000_001, None], pa.timestamp("ns")),
    "zoned ns": pa.array([1_000_000_001, None], pa.timestamp("ns", "UTC")),
    "zoned us": pa.array([1, None], pa.timestamp("us", "America/New_York")),
}


def cut(folder: Path, source: pa.Table | pd.DataFrame | None, features: list[str], **options: bool) -> SliceInfo:
    path = folder / "source.parquet"
    if isinstance(source, pd.DataFrame):
        source.to_parquet(path)
    elif source is not None:
        pq.write_table(source, path)
    spec = SourceSpec(name="s", path=str(path), file_format="parquet", timestamp_column="at")
    view = ViewSpec(
        name="v",
        base_name="v",
        kind=ViewKind.FEATURE_VIEW,
        join_keys=(JoinKey(name="id", column="id", dtype="Int64"),),
        features=tuple(FeatureSpec(view="v", name=name, dtype="Int64") for name in features),
        source=spec,
    )
    connection = sql.connect()
    opened = open_source(connection, spec, folder=folder)
    keys = pa.table({"id": pa.array([1, 2], pa.int64())})
    return write_slice(connection, opened, view, keys, as_of=NOON, out=folder / "slice.parquet", **options)


def times(unit: str, zone: str | None) -> pa.Array:
    return pa.array([1, 2], pa.timestamp("s")).cast(pa.timestamp(unit, zone))


def test_every_type_comes_through_unchanged(tmp_path: Path) -> None:
    source = pa.table({"id": pa.array([1, 2], pa.int64()), "at": times("us", "UTC"), **COLUMNS})
    cut(tmp_path, source, list(COLUMNS))
    for file_format in ("source", "slice"):
        assert (tmp_path / f"{file_format}.parquet").exists()
    before, after = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("source", "slice"))
    assert after.schema.equals(before.schema)
    assert repr(after.to_pylist()) == repr(before.to_pylist())
    seen = [duckdb.read_parquet(str(tmp_path / f"{name}.parquet")) for name in ("source", "slice")]
    assert seen[0].types == seen[1].types
    assert repr(seen[0].fetchall()) == repr(seen[1].fetchall())


def test_pandas_reads_the_same_frame(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "at": pd.to_datetime(["2024-01-01", "2024-01-02"], utc=True),
            "id": [1, 2],
            "nullable": pd.array([2**53 + 1, None], dtype="Int64"),
            "truth": pd.array([True, None], dtype="boolean"),
            "category": pd.Categorical(["b", "a"]),
            "unused": [0, 0],
        }
    ).set_index("at")
    cut(tmp_path, frame, ["nullable", "truth", "category"])
    read = pd.read_parquet(tmp_path / "slice.parquet")
    assert list(read.columns) == ["id", "at", "nullable", "truth", "category"]
    assert read["nullable"].dtype == "Int64"
    assert read["truth"].dtype == "boolean"
    assert read["category"].dtype == "category"
    assert read["nullable"][0] == 2**53 + 1


@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_event_times_keep_their_zone_and_lose_nanoseconds(tmp_path: Path, unit: str, zone: str | None) -> None:
    source = pa.table({"id": [1, 2], "at": times(unit, zone), "x": [1, 2]})
    info = cut(tmp_path, source, ["x"])
    stored = pq.read_schema(tmp_path / "source.parquet").field("at").type
    kept = pq.read_table(tmp_path / "slice.parquet")["at"]
    assert kept.type == (pa.timestamp("us", zone) if unit == "ns" else stored)
    assert kept.cast(pa.timestamp("us", zone)).equals(source["at"].cast(pa.timestamp("us", zone)))
    assert (info.oldest, info.newest) == (
        datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
        datetime(1970, 1, 1, 0, 0, 2, tzinfo=UTC),
    )


def test_a_decimal_too_wide_for_duckdb_is_refused_not_rounded(tmp_path: Path) -> None:
    wide = pa.array([Decimal("1.10"), None], pa.decimal256(50, 2))
    source = pa.table({"id": [1, 2], "at": times("us", None), "wide": wide})
    with pytest.raises(SourceTypeNotReadable, match="'wide'"):
        cut(tmp_path, source, ["wide"])
    cut(tmp_path, source.append_column("x", pa.array([1, 2])), ["x"])


def test_what_is_finer_than_a_microsecond_is_cut_downwards(tmp_path: Path) -> None:
    for zone in (None, "UTC"):
        at = pa.array([1_000_000_999, 1_700_000_000_123_456_789], pa.timestamp("ns", zone))
        info = cut(tmp_path, pa.table({"id": [1, 2], "at": at, "x": [1, 2]}), ["x"])
        kept = pq.read_table(tmp_path / "slice.parquet")["at"]
        assert kept.cast(pa.int64()).to_pylist() == [1_000_000, 1_700_000_000_123_456]
        assert info.newest == datetime.fromtimestamp(1_700_000_000, UTC).replace(microsecond=123_456)


def test_event_dates_stay_dates(tmp_path: Path) -> None:
    at = pa.array([date(2024, 1, 1), date(2024, 1, 2)])
    info = cut(tmp_path, pa.table({"id": [1, 2], "at": at, "x": [1, 2]}), ["x"])
    assert pq.read_table(tmp_path / "slice.parquet")["at"].to_pylist() == at.to_pylist()
    assert info.newest == datetime(2024, 1, 2, tzinfo=UTC)


def test_files_that_duckdb_wrote(tmp_path: Path) -> None:
    """JSON and UUID are extension types to Arrow; an interval is only bytes."""
    columns = """1::bigint as id, timestamp '2024-01-01' as at, '{"a": 1}'::json as j, uuid() as u, 1::hugeint as h,
        'b'::enum('a', 'b') as e, interval 1 day as i, 1 as x"""
    duckdb.sql(f"copy (select {columns}) to '{tmp_path / 'made.parquet'}'")
    source = pq.read_table(tmp_path / "made.parquet")
    features = ["j", "u", "h", "e", "x"]
    (tmp_path / "made.parquet").rename(tmp_path / "source.parquet")
    info = cut(tmp_path, None, features)
    before, after = (duckdb.read_parquet(str(tmp_path / f"{name}.parquet")) for name in ("source", "slice"))
    text = ", ".join(f"{name}::varchar" for name in features)
    assert after.select(text).fetchall() == before.select(text).fetchall()
    kept = pq.read_schema(tmp_path / "slice.parquet")
    assert [kept.field(name).type for name in features] == [source.schema.field(name).type for name in features]
    assert not info.notes
    with pytest.raises(SourceTypeNotReadable, match="'i'"):
        cut(tmp_path, None, ["i"])
    without = cut(tmp_path, None, ["x"], all_columns=True)
    assert pq.read_schema(tmp_path / "slice.parquet").names == ["id", "at", *features]
    assert any("not given 'i' of source 's'" in note for note in without.notes)


def test_old_timestamps_and_required_elements(tmp_path: Path) -> None:
    required = pa.list_(pa.field("element", pa.float32(), nullable=False))
    at = pa.array([1_000_000_000, 2_000_000_000], pa.timestamp("ns"))
    source = pa.table({"id": [1, 2], "at": at, "seen": at, "l": pa.array([[1.0], None], required)})
    pq.write_table(source, tmp_path / "source.parquet", use_deprecated_int96_timestamps=True)
    cut(tmp_path, None, ["seen", "l"])
    kept = pq.read_table(tmp_path / "slice.parquet")
    assert kept["l"].to_pylist() == [[1.0], None]
    assert kept["seen"].equals(source["seen"])
    assert kept["at"].type == pa.timestamp("us")
