"""The ledger: the DuckDB file that every run is written to, in one transaction, and read from by everyone else."""

from skewguard.ledger.read import ask, open_ledger, query
from skewguard.ledger.retain import keep_runs
from skewguard.ledger.runs import StoredRun, list_runs, read_run, resolve_run, skewed_cells
from skewguard.ledger.writable import check_writable
from skewguard.ledger.write import write_run

__all__ = [
    "StoredRun",
    "ask",
    "check_writable",
    "keep_runs",
    "list_runs",
    "open_ledger",
    "query",
    "read_run",
    "resolve_run",
    "skewed_cells",
    "write_run",
]
