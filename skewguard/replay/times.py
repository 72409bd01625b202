"""How this stage reads a slice: its times as microseconds since 1970, its rows by a number."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pyarrow as pa

from skewguard import sql
from skewguard.model import SourceSpec
from skewguard.reading import Opened

INSTANT = pa.timestamp("us", "UTC")


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return int(pa.scalar(instant, INSTANT).value)


def as_slice(source: SourceSpec, path: Path) -> SourceSpec:
    """The Parquet file at `path`, in the columns of `source`."""
    return SourceSpec(
        name=source.name,
        path=str(path),
        file_format="parquet",
        timestamp_column=source.timestamp_column,
        created_column=source.created_column,
        field_mapping=source.field_mapping,
    )


def created_us(opened: Opened) -> sql.Expression:
    """When a row was created; null where the source does not say."""
    name = opened.spec.created_column
    if not name or name not in opened.names:  # a view's own transform may have dropped it
        return sql.constant(None).cast("BIGINT")
    return opened.microseconds(name, "created timestamp")
