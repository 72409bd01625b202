"""`--max-qps`: how fast a deployed online store is asked."""

from __future__ import annotations

import time
from collections.abc import Callable


def paced(max_qps: float | None) -> Callable[[int], None] | None:
    """Waits before each request so that no more than `max_qps` start in a second; None where nothing is bounded."""
    if max_qps is None:
        return None
    due = time.monotonic()

    def pause(rows: int) -> None:
        nonlocal due
        wait = due - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        due = max(due, time.monotonic()) + 1 / max_qps

    return pause
