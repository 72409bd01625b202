"""Feast's default store answers the same when dask is spared the hashing, and dask hashes again afterwards."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from dask.tokenize import tokenize
from feast import Entity, FeatureStore, FeatureView, Field, ValueType
from feast.types import Array, Float64, String

from skewguard.feature_store.unhashed import unhashed
from tests.feast.reading import NOON, Scratch, events, hours

pytestmark = pytest.mark.feast


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    """Two views of 40 entities in ties, late, expired and without a time; one joins by another key's name."""
    draw, scratch = random.Random(7), Scratch(tmp_path, "dask")
    keys = [draw.randrange(40) for _ in range(400)]
    times = [None if draw.random() < 0.02 else hours(-draw.randrange(60)) for _ in keys]
    table = events(times, k=keys, x=[draw.random() for _ in keys], y=[[draw.random()] * 3 for _ in keys])
    other = events(times[::-1], k=keys, z=[f"text {number}" for number in range(400)])
    key = Entity(name="k", join_keys=["k"], value_type=ValueType.INT64)
    xs, zs = [Field(name="x", dtype=Float64), Field(name="y", dtype=Array(Float64))], [Field(name="z", dtype=String)]
    first = FeatureView(name="a", source=scratch.source("s", table), entities=[key], schema=xs, ttl=timedelta(hours=9))
    second = FeatureView(name="b", source=scratch.source("t", other), entities=[key], schema=zs)
    made = scratch.store()
    made.apply([key, first, second])
    return made


def answers(store: FeatureStore) -> tuple[Any, Any]:
    frame = pd.DataFrame({"k": range(45), "event_timestamp": [NOON - timedelta(hours=each % 7) for each in range(45)]})
    historical = store.get_historical_features(entity_df=frame, features=["a:x", "a:y", "b:z"]).to_arrow()
    store.materialize(hours(-100), NOON)
    online = store.get_online_features(features=["a:x", "a:y", "b:z"], entity_rows=[{"k": each} for each in range(45)])
    return historical.to_pylist(), online.to_dict()


def test_answers_are_the_same(store: FeatureStore) -> None:
    usual = answers(store)
    with unhashed():
        spared = answers(store)
    assert len(usual[0]) > 30 and any(row["z"] for row in usual[0])
    assert repr(spared) == repr(usual)


def test_a_frame_has_one_name_and_no_two_frames_share_one() -> None:
    frame = pd.DataFrame({"x": [1]})
    usual = tokenize(frame)
    with unhashed():
        assert tokenize(frame) == tokenize(frame) != tokenize(frame.copy())
        names = {tokenize(pd.DataFrame({"x": [1]})) for _ in range(100)}
        assert len(names) == 100
    assert tokenize(frame) == tokenize(frame.copy()) == usual


def test_dask_hashes_again_after_an_error() -> None:
    frame = pd.DataFrame({"x": [1]})
    with pytest.raises(RuntimeError), unhashed():
        raise RuntimeError
    assert tokenize(frame) == tokenize(frame.copy())
