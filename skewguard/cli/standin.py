"""What stands in the place of a result where there is none, so that CI reads why rather than an earlier result."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from pathlib import Path

from skewguard.model import Mode, Outcome, RunRecord, Verdict, ViewError
from skewguard.version import __version__


def no_result(*, command: str, mode: Mode, repo: Path | None, message: str, exit_code: int) -> Outcome:
    """A result of nothing but the error; it has no run, and no ledger holds it."""
    now = datetime.now(UTC)
    run = RunRecord(
        run_id="",
        command=command,
        mode=mode,
        started_at=now,
        finished_at=now,
        verdict=Verdict.ERROR,
        repo=None if repo is None else str(repo),
        project=None,
        as_of=None,
        seed=0,
        rows_requested=0,
        cells_requested=0,
        cells_compared=0,
        git_commit=None,
        skewguard_version=__version__,
        feast_version=None,
        duckdb_version="",
        pandas_version=None,
        python_version=platform.python_version(),
    )
    return Outcome(
        run=run, exit_code=exit_code, features=(), errors=(ViewError(feature=command, message=message),), ledger=None
    )
