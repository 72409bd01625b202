"""How this stage counts instants: in microseconds since 1970."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

INSTANT = pa.timestamp("us", "UTC")


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return int(pa.scalar(instant, INSTANT).value)
