"""How much memory DuckDB may take before it spills to disk: part of the machine's, and never more than a fixed most."""

from __future__ import annotations

import os

# DuckDB's own default is 80 % of the machine; what it does not count (strings on their way, Arrow) comes on top.
SHARE, MOST = 0.5, 12 * 2**30


def memory_limit(total: int | None = None) -> str:
    """The limit as DuckDB reads it. `total` is the machine's memory in bytes, asked of the system where not given."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if total is None else total
    return f"{min(int(total * SHARE), MOST) // 2**20}MiB"
