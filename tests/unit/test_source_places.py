"""Sources that need another package: object stores over a local fake, and Delta tables."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skewguard import sql
from skewguard.errors.source import SourceMissing, SourceNotSupported, SourceUnreadable, StoreNotReached
from skewguard.model import FeatureSpec, JoinKey, SourceSpec, ViewKind, ViewSpec
from skewguard.reading import Opened, open_source
from skewguard.sample import draw_population, read_span
from skewguard.slice import write_slice
from skewguard.source import compute_source


def opened(path: str | Path, *, folder: Path = Path("/nowhere"), **options: Any) -> Opened:
    spec = SourceSpec(name="trips", path=str(path), **{"file_format": "", "timestamp_column": "at", **options})
    return open_source(sql.connect(), spec, folder=folder)


def found(source: Opened) -> list[Any]:
    return sorted(source.relation.select(source.column("x", "feature")).fetchall())


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a fake S3 with the bucket `lake`."""
    server = pytest.importorskip("moto.server", reason="pip install 'moto[server]'").ThreadedMotoServer(
        ip_address="127.0.0.1", port=0, verbose=False
    )
    with pytest.MonkeyPatch.context() as environment:
        for name, value in (("ACCESS_KEY_ID", "x"), ("SECRET_ACCESS_KEY", "x"), ("DEFAULT_REGION", "us-east-1")):
            environment.setenv(f"AWS_{name}", value)
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        server.start()
        host, port = server.get_host_and_port()
        from pyarrow import fs

        store = fs.S3FileSystem(endpoint_override=f"http://{host}:{port}", allow_bucket_creation=True)
        store.create_dir("lake")
        for key, column in {
            "one.parquet": {"x": [1], "at": [1]},
            "t/a.parquet": {"x": [2], "at": [1]},
            "t/b.parquet": {"x": [3], "at": [1], "late": ["y"]},
            "t/_log/c.parquet": {"x": [4], "at": [1]},
            "events/a.parquet": {
                "kind": pa.array(["a", "b"] * 2).dictionary_encode(),
                "at": pa.array([1, 2, 3, 4], pa.timestamp("s")),
                "x": [1, 3, 2, 4],
            },
            "hive/day=1/a.parquet": {"x": [5]},
            "hive/day=2/a.parquet": {"x": [6]},
        }.items():
            pq.write_table(pa.table(column), f"lake/{key}", filesystem=store)
        with store.open_output_stream("lake/broken.parquet") as stream:
            stream.write(b"no parquet")
        try:
            yield f"http://{host}:{port}"
        finally:
            server.stop()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("s3://lake/one.parquet", [(1,)]),
        ("s3a://lake/one.parquet", [(1,)]),
        ("s3://lake/t/", [(2,), (3,)]),
        ("s3://lake/t/b*.parquet", [(3,)]),
        ("s3://lake/hive", [(5,), (6,)]),
    ],
)
def test_objects_prefixes_and_globs(s3: str, path: str, expected: list[Any]) -> None:
    assert found(opened(path, s3_endpoint=s3)) == expected


def test_folders_of_a_store_and_late_columns_are_columns(s3: str) -> None:
    assert "day" in opened("s3://lake/hive", s3_endpoint=s3).names
    late = opened("s3://lake/t", s3_endpoint=s3)
    assert sorted(late.relation.select(late.column("late", "feature")).fetchall(), key=repr) == [("y",), (None,)]


def test_a_filter_reaches_the_store(s3: str) -> None:
    source = opened("s3://lake/t", s3_endpoint=s3)
    assert "Filters" in source.relation.filter(source.column("x", "feature") > 2).explain()


def test_nothing_at_a_path_of_a_store(s3: str) -> None:
    with pytest.raises(SourceMissing, match="s3://lake/none"):
        opened("s3://lake/none", s3_endpoint=s3)


@pytest.mark.parametrize("path", ["s3://lake/broken.parquet", "s3://no-such-bucket/a.parquet"])
def test_what_a_store_does_not_give(s3: str, path: str) -> None:
    with pytest.raises((SourceUnreadable, SourceMissing), match=path) as caught:
        opened(path, s3_endpoint=s3)
    assert "\n" not in str(caught.value)


def test_a_store_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skewguard.reading.remote.PATIENCE_SECONDS", 1)
    with pytest.raises(SourceUnreadable, match="AWS_ACCESS_KEY_ID"):
        opened("s3://lake/one.parquet", s3_endpoint="http://127.0.0.1:9")


def test_google_without_credentials_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client itself asks for a token over and over again, and says so in ten lines."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")
    monkeypatch.setattr("skewguard.reading.remote.FIRST_ANSWER_SECONDS", 0.1)
    began = time.monotonic()
    with pytest.raises(StoreNotReached, match="gs://lake/one.parquet") as caught:
        opened("gs://lake/one.parquet")
    assert time.monotonic() - began < 10
    said = str(caught.value)
    assert "GOOGLE_APPLICATION_CREDENTIALS" in said and "error_info" not in said and "::" not in said
    assert len(said) < 500


def test_a_delta_table_as_its_log_has_it(tmp_path: Path) -> None:
    deltalake = pytest.importorskip("deltalake", reason="pip install deltalake")
    deltalake.write_deltalake(str(tmp_path / "t"), pa.table({"x": [1, 2]}))
    deltalake.write_deltalake(str(tmp_path / "t"), pa.table({"x": [3]}), mode="overwrite")
    assert found(opened("t", folder=tmp_path)) == [(3,)]
    assert found(opened("t", folder=tmp_path, file_format="delta")) == [(3,)]
    with pytest.raises(SourceMissing):
        opened("none", folder=tmp_path, file_format="delta")
    (tmp_path / "no_table").mkdir()
    with pytest.raises(SourceUnreadable, match="no_table"):
        opened("no_table", folder=tmp_path, file_format="delta")


def test_without_deltalake_the_error_names_the_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "deltalake", None)
    with pytest.raises(SourceNotSupported, match=r"pip install 'skewguard\[delta\]'"):
        opened("t", folder=tmp_path, file_format="delta")


def test_a_view_over_a_store_is_sampled_and_sliced(s3: str, tmp_path: Path) -> None:
    join_key = JoinKey(name="who", column="kind", dtype="String")
    spec = SourceSpec(
        name="trips",
        path="s3://lake/events",
        file_format="",
        timestamp_column="at",
        s3_endpoint=s3,
        created_column=None,
    )
    view = ViewSpec(
        name="v",
        base_name="v",
        kind=ViewKind.FEATURE_VIEW,
        join_keys=(join_key,),
        features=(FeatureSpec(view="v", name="x", dtype="Int64"),),
        source=spec,
    )
    connection = sql.connect()
    source = open_source(connection, spec, folder=tmp_path)
    span = read_span(connection, source, view)
    drawn = draw_population(connection, source, view, span, as_of=span.newest, rows=1, seed=0)
    assert drawn.population == 2
    assert drawn.rows.schema.field("who").type == pa.string()
    info = write_slice(connection, source, view, drawn.rows, as_of=span.newest, out=tmp_path / "slice.parquet")
    assert info.rows == 2
    assert pq.read_schema(info.path).field("kind").type == pa.dictionary(pa.int32(), pa.string())
    rows = drawn.rows.append_column("row_id", pa.array([1])).append_column(
        "as_of", pa.array([span.newest], pa.timestamp("us", "UTC"))
    )
    table = compute_source(connection, view, info.path, rows).table
    assert table["v0"].to_pylist() == [{"a": 2, "b": 4}[drawn.rows["who"][0].as_py()]]
