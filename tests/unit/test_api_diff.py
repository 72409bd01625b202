"""`skewguard.diff`: what the command does, as a call."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import skewguard
from skewguard import SkewguardError, Tolerance


def test_a_diff_of_two_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pq.write_table(pa.table({"k": [1, 2, 3], "price": [1.0, 2.0, 3.0]}), "offline.parquet")
    pq.write_table(pa.table({"k": [3, 1, 2], "cost": [3.0, 1.0, 2.5]}), "online.parquet")
    red = skewguard.diff("offline.parquet", Path("online.parquet"), key="k", map={"cost": "price"})
    assert (red.verdict, red.exit_code) == ("fail", 1)
    (price,) = red.features
    assert (price.compared, price.mismatched, price.matched) == (3, 1, 2)
    assert red.to_arrow("diffs").column("online_value").to_pylist() == ["2.5"]
    loose = {"price": Tolerance(absolute=0.5)}
    green = skewguard.diff("offline.parquet", "online.parquet", key=["k"], map={"cost": "price"}, tolerance=loose)
    assert green.exit_code == 0
    assert green.sql("select count(*) as n from runs").to_pylist() == [{"n": 2}]


@pytest.mark.parametrize(
    ("offline_type", "online_type"),
    [
        (pa.timestamp("ns", "UTC"), pa.timestamp("ns", "UTC")),
        (pa.timestamp("ns", "UTC"), pa.timestamp("us", "UTC")),
        (pa.timestamp("us"), pa.timestamp("ns", "UTC")),
        (pa.timestamp("us", "UTC"), pa.timestamp("ns")),
        (pa.date32(), pa.timestamp("ns", "UTC")),
    ],
    ids=str,
)
def test_a_key_of_times_in_two_types(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offline_type: pa.DataType, online_type: pa.DataType
) -> None:
    monkeypatch.chdir(tmp_path)
    days = [datetime(2025, 1, day) for day in (1, 2, 3, 4)]
    pq.write_table(pa.table({"at": pa.array(days[:3]).cast(offline_type), "v": [1, 2, 3]}), "offline.parquet")
    pq.write_table(pa.table({"at": pa.array(days[1:]).cast(online_type), "v": [2, 5, 4]}), "online.parquet")
    red = skewguard.diff("offline.parquet", "online.parquet", key="at")
    (value,) = red.features
    assert (value.matched, value.mismatched, value.missing_online, value.missing_offline) == (1, 1, 1, 1)
    entities = red.sql("select entity from latest_diffs order by row_id").column("entity").to_pylist()
    assert [json.loads(entity)["at"][:10] for entity in entities] == ["2025-01-01", "2025-01-03", "2025-01-04"]


def test_what_a_diff_cannot_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SkewguardError, match=r"none\.parquet"):
        skewguard.diff("none.parquet", "none.parquet", key="k")
    with pytest.raises(SkewguardError, match="no argument `kee`"):
        skewguard.diff("a", "b", key="k", kee="k")
    assert not list(tmp_path.iterdir())


def test_options_that_leave_nothing_to_compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pq.write_table(pa.table({"k": [1], "v": [1], "w": [1], "a": [1]}), "offline.parquet")
    pq.write_table(pa.table({"k": [1], "v": [2], "w": [1], "b": [1]}), "online.parquet")
    shared = r"In both, but for the key: v, w\. Only offline: a\. Only online: b\."
    both = r"`columns` and `ignore` leave no column that is in both tables and not in the key\. " + shared
    with pytest.raises(SkewguardError, match=both):
        skewguard.diff("offline.parquet", "online.parquet", key="k", columns="v", ignore="v")
    with pytest.raises(SkewguardError, match="`columns` leaves no column"):
        skewguard.diff("offline.parquet", "online.parquet", key="k", columns=["k", "a"])
    with pytest.raises(SkewguardError, match=r"`ignore` leaves no column.* or leave `ignore` out"):
        skewguard.diff("offline.parquet", "online.parquet", key="k", ignore=["v", "w"])
    with pytest.raises(SkewguardError, match="but for the key, no column is in both tables.* `map={'ONLINE': 'OFFL"):
        skewguard.diff("offline.parquet", "online.parquet", key=["k", "v", "w"])


FINE = [pa.timestamp("ns"), pa.timestamp("ns", "UTC")]
FAR = [pa.timestamp("us"), pa.timestamp("us", "UTC"), pa.timestamp("s"), pa.date32()]


@pytest.mark.parametrize("fine", FINE, ids=str)
@pytest.mark.parametrize("far", FAR, ids=str)
def test_a_key_beyond_the_reach_of_nanoseconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fine: pa.DataType, far: pa.DataType
) -> None:
    """The rows of the years 1 and 9999 are in one table only; the others are compared."""
    monkeypatch.chdir(tmp_path)
    days = [datetime(1, 1, 1), datetime(9999, 1, 1), datetime(2025, 1, 1), datetime(2025, 1, 2)]
    pq.write_table(pa.table({"at": pa.array(days).cast(far), "v": [1, 2, 3, 4]}), "far.parquet")
    near = pa.array([*days[2:], datetime(2025, 1, 3)])
    pq.write_table(pa.table({"at": near.cast(fine), "v": [3, 5, 6]}), "fine.parquet")
    for offline, online in (("far", "fine"), ("fine", "far")):
        found = skewguard.diff(f"{offline}.parquet", f"{online}.parquet", key="at").feature("v")
        one_sided = {found.missing_online, found.missing_offline}
        assert (found.matched, found.mismatched, one_sided) == (1, 1, {1, 2})
    finer = pc.add(near.cast(fine).cast(pa.int64()), 1).cast(fine)
    pq.write_table(pa.table({"at": finer, "v": [3, 5, 6]}), "fine.parquet")
    with pytest.raises(SkewguardError, match="2025-01-01 00:00:00.000000001.*which nanoseconds do not reach"):
        skewguard.diff("fine.parquet", "far.parquet", key="at")
