"""Tells apart rows of a source whose times differ by less than the microsecond to which a slice cuts them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from skewguard import sql
from skewguard.reading import Opened

NANOSECONDS = frozenset({"TIMESTAMP_NS", "TIMESTAMPTZ_NS"})


def moments(opened: Opened) -> list[sql.Expression]:
    """Of the event and the created time `_exact`, as the source has it, and `_kept`, as a slice has it.

    These are whole numbers, cut as Arrow cuts times: towards 1970.
    """
    times = {"event": opened.spec.timestamp_column, "created": opened.spec.created_column}
    return [each for name, column in times.items() for each in _ticks(opened, name, column)]


def _ticks(opened: Opened, name: str, column: str | None) -> list[sql.Expression]:
    if column is None:
        return [sql.constant(None).cast("BIGINT").alias(f"{name}_{form}") for form in ("exact", "kept")]
    if opened.type_of(column) not in NANOSECONDS:
        ticks = opened.microseconds(column, f"{name} timestamp")
        return [ticks.alias(f"{name}_exact"), ticks.alias(f"{name}_kept")]
    ticks = sql.function("epoch_ns", opened.column(column, f"{name} timestamp"))
    return [ticks.alias(f"{name}_exact"), sql.function("//", ticks, sql.constant(1000)).alias(f"{name}_kept")]


def was_cut(read: pa.Array, wanted: pa.DataType) -> bool:
    """Whether a slice's type for a time keeps less than was read."""
    if not (pa.types.is_timestamp(wanted) and pa.types.is_timestamp(read.type)) or read.type.unit == wanted.unit:
        return False
    kept = read.cast(pa.timestamp(wanted.unit, read.type.tz), safe=False).cast(read.type, safe=False)
    return bool(pc.any(pc.not_equal(kept, read)).as_py())
