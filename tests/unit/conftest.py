"""Results to render: a green one, a red one, and makers for others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from skewguard.model import (
    Blame,
    Example,
    FeatureResult,
    Kind,
    Mode,
    Outcome,
    RunRecord,
    Skipped,
    Verdict,
    ViewError,
    ViewKind,
)

NOW = datetime(2013, 12, 31, 23, 59, tzinfo=UTC)


def feature(name: str, *, view: str = "carrier", **facts: Any) -> FeatureResult:
    skewed = facts.get("skewed", 0)
    compared = facts.setdefault("compared", 1000)
    facts.setdefault("requested", compared)
    facts.setdefault("matched", compared - skewed)
    facts.setdefault("skew_rate", skewed / compared if compared else None)
    facts.setdefault("skew_rate_upper", 0.0029912)
    facts.setdefault("dtype", "Float64")
    return FeatureResult(
        feature=f"{view}:{name}", feature_view=view, name=name, view_kind=ViewKind.FEATURE_VIEW, **facts
    )


def outcome(*features: FeatureResult, verdict: Verdict = Verdict.PASS, exit_code: int = 0, **facts: Any) -> Outcome:
    run = RunRecord(
        run_id="20131231T235900-abc123",
        command="check",
        mode=facts.pop("mode", Mode.SANDBOX),
        started_at=NOW,
        finished_at=NOW,
        verdict=verdict,
        repo="/work/feature_repo",
        project="flights",
        as_of=NOW,
        seed=0,
        rows_requested=1000,
        cells_requested=sum(each.requested for each in features),
        cells_compared=sum(each.compared for each in features),
        git_commit=None,
        skewguard_version="0.1.0",
        feast_version="0.67.0",
        duckdb_version="2.0.0",
        pandas_version="2.3.3",
        python_version="3.11.7",
    )
    facts = {"sample_rows": 1000, "ledger": Path("/work/skewguard.duckdb"), **facts}
    return Outcome(run=run, exit_code=exit_code, features=features, **facts)


def example(ref: str, **facts: Any) -> Example:
    usual: dict[str, Any] = {
        "row_id": 1,
        "entity": {"carrier": "AA"},
        "kind": Kind.MISMATCH,
        "cause": "unexplained",
        "blame": Blame.ONLINE,
        "source_value": "1.25",
        "offline_value": "1.25",
        "online_value": "1.5",
    }
    return Example(feature=ref, **(usual | facts))


@pytest.fixture
def make_feature() -> Callable[..., FeatureResult]:
    return feature


@pytest.fixture
def make_outcome() -> Callable[..., Outcome]:
    return outcome


@pytest.fixture
def make_example() -> Callable[..., Example]:
    return example


@pytest.fixture
def green() -> Outcome:
    return outcome(feature("mean_delay"), feature("flights"))


@pytest.fixture
def red() -> Outcome:
    bad = feature(
        "late",
        skewed=12,
        mismatched=10,
        missing_online=2,
        skew_rate_upper=0.019357,
        verdict=Verdict.FAIL,
        causes={"unexplained": 12},
        top_cause="unexplained",
        owner="ops",
        max_abs_error=3.25,
    )
    return outcome(
        feature("mean_delay"),
        bad,
        verdict=Verdict.FAIL,
        exit_code=1,
        examples=tuple(example("carrier:late", row_id=row, entity={"carrier": f"A{row}"}) for row in range(5)),
        skipped=(Skipped(feature="labels", reason="label views are not served online"),),
        errors=(ViewError(feature="weather", message="The source file weather.parquet is missing."),),
        notes=("17 rows of the entity file are duplicates.",),
    )
