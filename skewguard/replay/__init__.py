"""Playing history: when each source row was known, which entities there were, and what training knows too early."""

from skewguard.replay.arrivals import Arrivals, read_arrivals
from skewguard.replay.entities import first_events
from skewguard.replay.leakage import Leakage, measure_leakage

__all__ = ["Arrivals", "Leakage", "first_events", "measure_leakage", "read_arrivals"]
