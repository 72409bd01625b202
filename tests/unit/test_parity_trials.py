"""A batch transform that does not answer while its columns are being found out is an error of its own, in time."""

from __future__ import annotations

import time

import pandas as pd
import pytest

from skewguard import Feature, batch_features, sql
from skewguard.definition import transform_of
from skewguard.feature_store.parity_world import Surroundings
from skewguard.pipeline import parity_batch


@batch_features(entity=["key"], timestamp="at", lookback=None, features=[Feature("total", "float64")])
def endless(events: pd.DataFrame) -> pd.DataFrame:
    while True:
        try:
            time.sleep(0.01)
        except Exception:
            continue


@batch_features(entity=["key"], timestamp="at", lookback=None, features=[Feature("total", "float64")])
def quick(events: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"key": events["key"], "at": events["at"], "total": events["x"]})


def test_a_transform_without_an_end_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parity_batch, "TRIAL_LIMIT", 0.5)
    transforms = [transform_of(endless), transform_of(quick)]
    tried: list[str] = []
    made = parity_batch.of_transforms(transforms, sql.connect(), Surroundings(), trying=tried.append)  # type: ignore[arg-type]
    assert len(tried) == 2
    assert [each.name.rpartition(".")[2] for each in made.codes] == ["quick"]
    assert made.codes[0].unknown is None
    (error,) = made.errors
    assert error.feature.endswith("endless") and "did not answer within 0.5 s" in error.message
