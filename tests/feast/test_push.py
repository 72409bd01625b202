"""A push writes what a build will compute from the same events, and says why where it writes nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

import skewguard
from skewguard.errors.definition import PushError
from skewguard.pipeline.build import build

START = datetime(2013, 1, 1, tzinfo=UTC)
AS_OF = START + timedelta(days=40)
TRANSFORMS = """
from datetime import timedelta
import pandas as pd
from skewguard import Feature, batch_features

@batch_features(entity={"carrier": "string"}, timestamp="at", lookback=timedelta(days=7),
                features=[Feature("mean", "float64"), Feature("flights", "int64"), Feature("last", "string")])
def delays(departures):
    rows = []
    for carrier, group in departures.groupby("carrier"):
        for at in group["at"]:
            window = group[(group["at"] > at - pd.Timedelta(days=7)) & (group["at"] <= at)]
            rows.append((carrier, at, window["delay"].mean(), len(window), window["gate"].iloc[-1]))
    return pd.DataFrame(rows, columns=["carrier", "at", "mean", "flights", "last"])

@batch_features(entity={"carrier": "string"}, timestamp="at", lookback=timedelta(0),
                features=[Feature("delay", "float64")])
def newest(departures):
    return departures[["carrier", "at", "delay"]]
"""
REPO = """
from feast import Entity, FileSource, FeatureView, Field
from feast.types import Float64
from pushcode import delays, newest
from skewguard import feature_view

carrier = Entity(name="carrier")
departures = FileSource(name="departures", path="departures.parquet", timestamp_field="at")
delays_view = feature_view(delays, source=departures, entities=[carrier])
newest_view = feature_view(newest, source=departures, entities=[carrier])
plain = FeatureView(name="plain", source=departures, entities=[carrier], schema=[Field(name="delay", dtype=Float64)])
"""


def events(first: int, last: int) -> pd.DataFrame:
    numbers = range(first, last)
    return pd.DataFrame(
        {
            "carrier": [["AA", "B6", "UA"][number % 3] for number in numbers],
            "at": [START + timedelta(hours=7 * number) for number in numbers],
            "delay": [None if number % 5 == 4 else number / 3 for number in numbers],
            "gate": [f"G{number}" for number in numbers],
        }
    ).astype({"at": "datetime64[us, UTC]", "delay": "float64"})


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A store over a repo whose source has 50 events, built, applied and materialized."""
    from feast import FeatureStore, repo_config

    (tmp_path / "pushcode.py").write_text(TRANSFORMS)
    (tmp_path / "features.py").write_text(REPO)
    (tmp_path / "feature_store.yaml").write_text(
        "project: push\nprovider: local\nregistry: registry.db\nentity_key_serialization_version: 3\n"
        "online_store:\n    type: sqlite\n    path: online.db\noffline_store:\n    type: duckdb\n"
    )
    events(0, 50).to_parquet(tmp_path / "departures.parquet", index=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert repo_config
    assert all(each.error is None for each in build(tmp_path))
    import features  # type: ignore[import-not-found]

    found = FeatureStore(str(tmp_path))
    found.apply([features.carrier, features.delays_view, features.newest_view, features.plain])
    found.materialize(START - timedelta(days=1), AS_OF, feature_views=["delays", "newest"])
    yield found
    for name in ("features", "pushcode"):
        sys.modules.pop(name, None)


def online(store: Any, *refs: str) -> pd.DataFrame:
    return store.get_online_features(list(refs), [{"carrier": each} for each in ("AA", "B6", "UA", "ZZ")]).to_df()


REFS = ("delays:mean", "delays:flights", "delays:last")


def test_online_holds_what_a_build_computes_from_the_same_events(store: Any, tmp_path: Path) -> None:
    before = online(store, *REFS)
    new = events(50, 54)
    rows = skewguard.push(store, "delays", new, as_of=AS_OF)
    assert rows["carrier"].to_pylist() == ["AA", "B6", "UA"]
    served = online(store, *REFS)
    assert (served["flights"] != before["flights"]).any() or (served["last"] != before["last"]).any()
    events(0, 54).to_parquet(tmp_path / "departures.parquet", index=False)
    (built,) = build(tmp_path, views=["delays"])
    assert built.built is not None
    assert built.built.action == "appended"
    store.materialize(START - timedelta(days=1), AS_OF, feature_views=["delays"])
    pd.testing.assert_frame_equal(online(store, *REFS), served)
    again = skewguard.push(store, "delays", new, as_of=AS_OF)
    assert again.equals(rows), "events that the source has by now are not counted twice"


def test_only_touched_entities_are_written_and_new_ones_appear(store: Any) -> None:
    before = online(store, *REFS)
    new = events(50, 51).assign(carrier="ZZ", delay=7.5)
    rows = skewguard.push(store, "delays", new, as_of=AS_OF)
    assert rows["carrier"].to_pylist() == ["ZZ"]
    after = online(store, *REFS)
    pd.testing.assert_frame_equal(after[:3], before[:3], check_dtype=False)
    assert after["mean"].tolist()[3] == 7.5
    assert after["flights"].tolist()[3] == 1


def test_a_row_of_nulls_is_written_too(store: Any) -> None:
    """Feast's own write_to_online_store drops it with a warning, and the old value would live on."""
    assert online(store, "newest:delay")["delay"].notna()[0]
    skewguard.push(store, "newest", events(51, 52).assign(delay=float("nan")), as_of=AS_OF)
    assert online(store, "newest:delay")["delay"].isna()[0]


def test_a_late_event_does_not_bring_back_an_older_row(store: Any) -> None:
    before = online(store, *REFS)
    late = events(46, 47).assign(at=START + timedelta(hours=7 * 46 + 1), gate="late")
    rows = skewguard.push(store, "delays", late, as_of=AS_OF)
    known = events(0, 50)
    newest = known[known["carrier"] == late["carrier"][0]]["at"].max()
    assert rows["at"].to_pylist() == [newest]
    after = online(store, *REFS)
    assert after["flights"].sum() == before["flights"].sum() + 1
    assert "late" not in after["last"].tolist()


def test_rows_after_as_of_are_not_written(store: Any) -> None:
    rows = skewguard.push(store, "delays", events(50, 54), as_of=START + timedelta(hours=7 * 51))
    # Of the four events two lie later.
    assert sorted(rows["at"].to_pylist()) == [START + timedelta(hours=7 * 50), START + timedelta(hours=7 * 51)]
    assert max(rows["at"].to_pylist()) == START + timedelta(hours=7 * 51)


def test_offline_appends_to_the_table_and_the_next_build_replaces_it(store: Any, tmp_path: Path) -> None:
    table = tmp_path / "data/built/delays.parquet"
    before, served = pq.read_table(table), online(store, *REFS)
    skewguard.push(store, "delays", events(50, 54), to="offline", as_of=AS_OF)
    assert pq.read_table(table).num_rows == before.num_rows + 3
    pd.testing.assert_frame_equal(online(store, *REFS), served)
    skewguard.push(store, "delays", events(50, 54), to="online_and_offline", as_of=AS_OF)
    assert not online(store, *REFS).equals(served)
    events(0, 54).to_parquet(tmp_path / "departures.parquet", index=False)
    build(tmp_path, views=["delays"])
    assert pq.read_table(table).num_rows == before.num_rows + 4


def test_what_cannot_be_pushed_is_said(store: Any, tmp_path: Path) -> None:
    before = online(store, *REFS)
    with pytest.raises(PushError, match=r"delay'.*delays"):
        skewguard.push(store, "delay", events(50, 51))
    with pytest.raises(PushError, match="not made by skewguard"):
        skewguard.push(store, "plain", events(50, 51))
    with pytest.raises(PushError, match="lack the column 'at'"):
        skewguard.push(store, "delays", events(50, 51).drop(columns=["at"]))
    with pytest.raises(PushError, match="Duplicate column names"):
        skewguard.push(store, "delays", pd.concat([events(50, 51)] * 2, axis=1))
    with pytest.raises(PushError, match="as_of='yesterday' is no instant"):
        skewguard.push(store, "delays", events(50, 51), as_of="yesterday")  # type: ignore[arg-type]
    with pytest.raises(PushError, match="is no store"):
        skewguard.push(store, "delays", events(50, 51), to="both")
    with pytest.raises(PushError, match="takes no events called 'arrivals'"):
        skewguard.push(store, "delays", {"arrivals": events(50, 51)})
    with pytest.raises(PushError, match="no events were given"):
        skewguard.push(store, "delays", {})
    with pytest.raises(PushError, match="event time"):
        skewguard.push(store, "delays", events(50, 50))
    with pytest.raises(PushError, match="not a pandas frame"):
        skewguard.push(store, "delays", 7)
    for view in (None, 7, b"delays", ["delays"], events(50, 51), store.get_feature_view("delays")):
        with pytest.raises(PushError, match="a view is named by text"):
            skewguard.push(store, view, events(50, 51))  # type: ignore[arg-type]
    for place in (None, tmp_path, str(tmp_path)):
        with pytest.raises(PushError, match="is no feast.FeatureStore"):
            skewguard.push(place, "delays", events(50, 51))  # type: ignore[arg-type]
    (tmp_path / "pushcode.py").write_text(TRANSFORMS.replace("days=7)", "days=8)"))
    sys.modules.pop("pushcode")
    with pytest.raises(PushError, match="has changed since it was registered"):
        skewguard.push(store, "delays", events(50, 51))
    pd.testing.assert_frame_equal(online(store, *REFS), before)
