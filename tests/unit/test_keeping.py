"""A run that the ledger cannot take is told all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import run

import skewguard


def test_what_was_found_is_told_where_the_ledger_fills_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from skewguard import ledger
    from skewguard.errors.ledger import LedgerWriteFailed

    def full(*_: object, **__: object) -> None:
        raise LedgerWriteFailed(tmp_path / "l.duckdb", "No space left on device")

    monkeypatch.setattr(ledger, "write_outcome", full)
    (tmp_path / "a.csv").write_text("k,v\n1,1\n2,2\n")
    (tmp_path / "b.csv").write_text("k,v\n1,1\n2,3\n")
    green = run("diff", "a.csv", "a.csv", "--key", "k", cwd=tmp_path)
    assert green.exit_code == 2
    assert "No space left" in green.stderr
    assert "2" in green.stdout, "the result is still shown"
    red = run("diff", "a.csv", "b.csv", "--key", "k", cwd=tmp_path)
    assert red.exit_code == 1, "skew found beside an error"
    monkeypatch.chdir(tmp_path)
    result = skewguard.diff("a.csv", "b.csv", key="k")
    assert [each.feature for each in result.outcome.errors] == ["ledger"]
    assert result.outcome.ledger is None
