"""What Python gets: the verdict and, from the ledger, this run's own rows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from skewguard import SkewguardError
from skewguard.ledger import write_run
from skewguard.model import Outcome
from skewguard.result import CheckResult


def kept(outcome: Outcome, db: Path, run_id: str) -> CheckResult:
    outcome = replace(outcome, run=replace(outcome.run, run_id=run_id), ledger=db)
    rows = pa.table({"row_id": [0, 1], "entity": ['{"k": 1}', '{"k": 2}']})
    diffs = pa.table({"row_id": [0], "feature": ["carrier:late"], "kind": ["mismatch"], "skewed": [True]})
    write_run(db, run=outcome.run, features=outcome.features, entity_rows=rows, diffs=diffs)
    return CheckResult(outcome=outcome, db=db)


def test_a_result_knows_its_verdict_and_features(red: Outcome, tmp_path: Path) -> None:
    result = CheckResult(outcome=red, db=tmp_path / "none.duckdb")
    assert (result.verdict, result.exit_code) == ("fail", 1)
    assert result.feature("carrier:late").skewed == 12
    assert json.loads(result.to_json())["run_id"] == result.run_id
    assert "FAIL  1 of 2" in str(result)
    assert repr(result) == f"<CheckResult fail: 2 features, 12 skewed cells, run {result.run_id}>"
    with pytest.raises(KeyError):
        result.feature("carrier:none")


def test_a_result_reads_its_own_rows(red: Outcome, green: Outcome, tmp_path: Path) -> None:
    db = tmp_path / "skewguard.duckdb"
    first, second = kept(red, db, "run-1"), kept(green, db, "it's run 2")
    assert first.to_arrow("features").column("feature").to_pylist() == ["carrier:mean_delay", "carrier:late"]
    assert second.to_arrow("runs").column("verdict").to_pylist() == ["pass"]
    assert second.to_arrow("entity_rows").num_rows == 2
    assert first.to_arrow().column("kind").to_pylist() == ["mismatch"]
    assert first.sql("select count(*) as runs from runs").to_pylist() == [{"runs": 2}]
    with pytest.raises(SkewguardError, match="diffs"):
        first.to_arrow("diff")
    with pytest.raises(SkewguardError, match="not a table of the ledger"):
        first.to_arrow(3)  # type: ignore[arg-type]
    with pytest.raises(SkewguardError, match="it is no text"):
        first.sql(3)  # type: ignore[arg-type]
