"""What a check reads and Feast's own stores cannot is noted, and every such note is true of Feast itself."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pandas as pd
import pytest
from building import NOON, Project, hours

pytestmark = pytest.mark.feast

DEFINITIONS = """
from feast.data_format import ParquetFormat

driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
source = FileSource(name="s", path=HERE + "/{file}", timestamp_field="at"{more})
stats = FeatureView(name="stats", entities=[driver], ttl=timedelta(hours=96), source=source,
                    schema=[Field(name="trips", dtype=Int64)])
"""
TIMES = pd.to_datetime([NOON - hours(2)] * 2).astype("datetime64[us, UTC]")
FRAME = pd.DataFrame({"driver_id": [1, 2], "at": TIMES, "trips": [10, 20], "other": [0, 0]})
FORMAT = ", file_format=ParquetFormat()"


def write(path: Path, index: str | None) -> None:
    frame = FRAME if index is None else FRAME.set_index(index)
    if "ns" in path.stem:
        frame = frame.astype({"at": "datetime64[ns, UTC]"})
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    elif not path.suffix:
        path.mkdir()
        frame.to_parquet(path / "part.parquet")
    else:
        frame.to_parquet(path)


def feast_reads(project: Project) -> set[bool]:
    """Whether Feast itself trains from the source, and whether it materializes it."""
    asked = pd.DataFrame({"driver_id": [1], "event_timestamp": [NOON]})
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        store = project.apply()
        works = set()
        for read in (
            lambda: store.get_historical_features(asked, ["stats:trips"]).to_df(),
            lambda: store.materialize(NOON - hours(48), NOON),
        ):
            try:
                read()
                works.add(True)
            except Exception:
                works.add(False)
    return works


@pytest.mark.parametrize(
    ("offline", "file", "more", "index", "note"),
    [
        ("dask", "x.csv", "", None, "is CSV"),
        ("duckdb", "x.csv", "", None, "is CSV"),
        ("duckdb", "x.pq", "", None, "names no file_format"),
        ("duckdb", "x.PARQUET", "", None, "names no file_format"),
        ("duckdb", "folder", "", None, "names no file_format"),
        ("duckdb", "x.pq", FORMAT, None, None),
        ("duckdb", "folder", FORMAT, None, None),
        ("duckdb", "x.parquet", "", "driver_id", None),
        ("dask", "x.pq", "", None, None),
        ("dask", "folder", "", None, None),
        ("dask", "x.parquet", "", "driver_id", "'driver_id' of the source 's' was written as a pandas index"),
        ("dask", "x.parquet", "", "at", "'at' of the source 's' was written as a pandas index"),
        ("dask", "x.parquet", "", "trips", "'trips' of the source 's' was written as a pandas index"),
        ("dask", "x.parquet", "", "other", None),
        ("dask", "zoned_ns.parquet", "", None, None),
    ],
)
def test_what_feast_cannot_read_is_noted_and_nothing_else(
    tmp_path: Path, offline: str, file: str, more: str, index: str | None, note: str | None
) -> None:
    project = Project(folder=tmp_path / "repo", offline=offline)
    project.define(DEFINITIONS.format(file=file, more=more))
    write(project.folder / file, index)
    assert feast_reads(project) == {note is None}
    checked = project.check("--as-of", NOON.isoformat())
    assert checked.counts("stats:trips") == {"requested": 2, "compared": 2, "matched": 2}
    said = [each for each in checked.feature("stats:trips")["notes"] if "the source 's'" in each]
    assert len(said) == (note is not None)
    assert note is None or note in said[0]


def test_nanoseconds_with_a_zone_are_noted_where_materializing_them_fails(tmp_path: Path) -> None:
    project = Project(folder=tmp_path / "repo", offline="duckdb")
    project.define(DEFINITIONS.format(file="zoned_ns.parquet", more=""))
    write(project.folder / "zoned_ns.parquet", None)
    assert feast_reads(project) == {True, False}
    checked = project.check("--as-of", NOON.isoformat())
    assert any("'at' of the source 's' has nanoseconds" in note for note in checked.feature("stats:trips")["notes"])
