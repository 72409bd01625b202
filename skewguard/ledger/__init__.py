"""The ledger: the DuckDB file that every run is written to, in one transaction, and read from by everyone else."""

from skewguard.ledger.compare import CHANGES, compare_runs
from skewguard.ledger.explain import explain_causes, proof, run_of_feature
from skewguard.ledger.outcome import read_outcome
from skewguard.ledger.read import ask, open_ledger, query
from skewguard.ledger.retain import keep_runs
from skewguard.ledger.runs import (
    StoredRun,
    list_runs,
    matched_cells,
    read_run,
    resolve_run,
    seen_cells,
    seen_values,
    skewed_cells,
)
from skewguard.ledger.shape import as_written
from skewguard.ledger.writable import check_writable
from skewguard.ledger.write import write_outcome, write_run

__all__ = [
    "CHANGES",
    "StoredRun",
    "as_written",
    "ask",
    "check_writable",
    "compare_runs",
    "explain_causes",
    "keep_runs",
    "list_runs",
    "matched_cells",
    "open_ledger",
    "proof",
    "query",
    "read_outcome",
    "read_run",
    "resolve_run",
    "run_of_feature",
    "seen_cells",
    "seen_values",
    "skewed_cells",
    "write_outcome",
    "write_run",
]
