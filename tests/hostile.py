"""A result that holds all that a result can hold, with names and values that try to be markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from skewguard.model import (
    Blame,
    ContractFinding,
    Example,
    FeatureResult,
    Kind,
    Latency,
    Law,
    LawResult,
    LawVerdict,
    Mode,
    Origin,
    Outcome,
    Place,
    Promise,
    RunRecord,
    Skipped,
    Standing,
    Verdict,
    ViewError,
    Waived,
)

NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
NASTY = (
    "]]> <script>alert('x')</script> &amp; \"quoted\"",
    "\x00\x01\x1b[31m\u202e\ufffe\U0001f600 and\r\na second line",
    "| a | b |\n|---|---|\n`code` ``` **bold** # head",
    "[link](https://example.org) @somebody #12 <!-- -->",
    "::error file=x::%0A{0} \\",
    "=1+1; drop table runs; --",
    "",
    "\u0301" * 500,
)


def feature(view: str, name: str, **facts: Any) -> FeatureResult:
    usual: dict[str, Any] = {"dtype": "Float64", "requested": 1000, "compared": 1000, "matched": 1000, "skew_rate": 0.0}
    return FeatureResult(feature=f"{view}:{name}", feature_view=view, name=name, view_kind=None, **(usual | facts))


def skewed(view: str, name: str, cells: int, cause: str, **facts: Any) -> FeatureResult:
    usual: dict[str, Any] = {
        "matched": 1000 - cells,
        "mismatched": cells,
        "skewed": cells,
        "skew_rate": cells / 1000,
        "skew_rate_upper": cells / 1000 + 0.01,
        "verdict": Verdict.FAIL,
        "causes": {cause: cells},
        "top_cause": cause,
    }
    return feature(view, name, **(usual | facts))


def example(ref: str, value: str, cause: str | None) -> Example:
    return Example(
        feature=ref,
        row_id=3,
        entity={"key": value, value or "other": 1.5},
        kind=Kind.MISMATCH,
        cause=cause,
        blame=Blame.ONLINE,
        source_value=None,
        offline_value=value,
        online_value=value + "!",
    )


def run_record(**facts: Any) -> RunRecord:
    usual: dict[str, Any] = {
        "run_id": "20260301T120000.250000Z-abcd",
        "command": "check",
        "mode": Mode.LIVE,
        "started_at": NOW,
        "finished_at": NOW + timedelta(seconds=1234.5),
        "verdict": Verdict.FAIL,
        "repo": "/work/feature_repo",
        "project": NASTY[0],
        "as_of": NOW,
        "seed": 0,
        "rows_requested": 1000,
        "cells_requested": 5000,
        "cells_compared": 5000,
        "git_commit": None,
        "skewguard_version": "0.1.0",
        "feast_version": "0.67.0",
        "duckdb_version": "2.0.0",
        "pandas_version": "2.3.3",
        "python_version": "3.11.7",
    }
    return RunRecord(**(usual | facts))


def waiver(standing: Standing, **facts: Any) -> Waived:
    usual: dict[str, Any] = {"feature": "let be:x", "pattern": "let *", "cause": "late_arrival", "cells": 5}
    given = {"reason": NASTY[0], "owner": NASTY[2], "expires": date(2026, 12, 31), "max_rate": 0.05}
    return Waived(**(usual | given | facts), standing=standing)


def hostile() -> Outcome:
    """Everything at once."""
    failing = [
        skewed(f"view {at}", text, 10 * (at + 1), "ttl_not_enforced", notes=NASTY, owner=text or None)
        for at, text in enumerate(NASTY)
    ]
    waived = skewed(
        "let be",
        "x",
        5,
        "late_arrival",
        verdict=Verdict.PASS,
        waived={"late_arrival": 5},
        max_freshness_lag=timedelta(1),
    )
    broken = ContractFinding(
        side=Origin.ONLINE,
        rule=Promise.RANGE,
        expected="0 to <1>",
        checked=1000,
        broken=3,
        example_row_id=1,
        example_value=NASTY[1],
    )
    too = replace(broken, side=Origin.SOURCE)
    warned = feature("warned", "x", verdict=Verdict.WARN, contract=(broken, too, replace(broken, broken=0)))
    wrong = feature("wrong", "x", verdict=Verdict.WARN, wrong_on_both=7, matched=993)
    failed = feature("failed", "x", compared=0, matched=0, skew_rate=None, not_compared=1000, verdict=Verdict.ERROR)
    features = (*failing, waived, warned, wrong, failed, feature("fine", "x"))
    return Outcome(
        run=run_record(),
        exit_code=1,
        features=features,
        skipped=tuple(Skipped(feature=f"label {at}", reason=text) for at, text in enumerate(NASTY)),
        errors=(ViewError(feature="failed", message=NASTY[1]), ViewError(feature="ledger", message=NASTY[2])),
        examples=tuple(example(each.feature, text, each.top_cause) for each, text in zip(failing, NASTY, strict=True)),
        notes=NASTY,
        sample_rows=1000,
        places=(
            Place(feature_view="", file="feature_repo/feature_store.yaml", line=1),
            Place(feature_view="view 0", file="transforms/a file, with: 100%.py", line=12),
            Place(feature_view="view 1", file="/elsewhere/x.py", line=3),
            Place(feature_view="tidy.transform", file="transforms/tidy.py", line=4),
        ),
        latency=(
            Latency(feature_view="view 0", service=NASTY[4], requests=12, p50=0.001, p95=0.002, p99=0.5),
            Latency(feature_view="view 0", service=None, requests=2, p50=0.001, p95=0.002, p99=0.002),
        ),
        laws=(
            LawResult(
                transform="tidy.transform",
                law=Law.BATCH_INVARIANT,
                verdict=LawVerdict.BROKEN,
                examples=20,
                counterexample={"test": "def test_it():\n    assert '<]]>'\n"},
                message=NASTY[0],
            ),
            LawResult(transform="tidy.transform", law=Law.DETERMINISTIC, verdict=LawVerdict.HELD, examples=20),
            LawResult(
                transform="tidy.transform", law=Law.INCREMENTAL, verdict=LawVerdict.NOT_APPLICABLE, message="not batch"
            ),
        ),
        waivers=(
            waiver(Standing.HOLDS),
            waiver(Standing.EXPIRED, feature=f"view 0:{NASTY[0]}", cause="*", max_rate=1.0, cells=10),
            waiver(Standing.UNUSED, feature=None, pattern=NASTY[3], cells=0),
        ),
        ledger=Path("/work/skewguard.duckdb"),
    )
