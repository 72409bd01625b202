"""What a worker process cannot do is an error of the run, and no law that is said not to apply."""

from __future__ import annotations

from pathlib import Path

import pytest

from skewguard.model import Law
from skewguard.pipeline.parity_process import LawFailed, Workers
from skewguard.pipeline.parity_target import find_target

MODULE = """
from datetime import timedelta

import pandas as pd

from skewguard import Feature, batch_features


@batch_features(entity=["key"], timestamp="at", lookback=timedelta(days=1), features=[Feature("total", "float64")])
def total(events: pd.DataFrame) -> pd.DataFrame:
    return events[["key", "at"]].assign(total=1.0)
"""


def test_a_law_that_cannot_be_tested_is_an_error_that_says_why(tmp_path: Path) -> None:
    (tmp_path / "totals.py").write_text(MODULE)
    with Workers(find_target("totals.py", tmp_path), seed=0) as workers:
        workers.load(fresh=False)
        with pytest.raises(LawFailed, match="this is a defect of skewguard, not of your repo: KeyError: 'totals.none'"):
            workers.batch_law("totals.none", Law.INCREMENTAL, examples=1, patience=1.0)
        assert workers.batch_law("totals.total", Law.INPUT_UNTOUCHED, examples=1, patience=1.0).examples == 1
