"""Adds to one cell of each cause what a person needs to work it through: source rows, TTL, materialized windows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from skewguard.errors.base import SkewguardError
from skewguard.model import ViewKind
from skewguard.pipeline.readings import Reader, Reading

if TYPE_CHECKING:
    from skewguard.comparison.counted import Comparison

WINDOWS = 5  # the newest


def with_worked_cells(reader: Reader, reading: Reading, comparison: Comparison) -> Comparison:
    """`comparison` with more in the evidence of a few cells; as it is where there are no source rows to show."""
    from skewguard.causes.worked import with_source_rows

    view = reading.view
    sliced = reader.sliced.get(view.base_name)
    if view.kind is ViewKind.ON_DEMAND or sliced is None or sliced.transform_error is not None:
        return comparison
    facts: dict[str, Any] = {"ttl_seconds": None if view.ttl is None else view.ttl.total_seconds()}
    if reader.bench.options.live:
        newest = sorted(view.windows, key=lambda each: each[1])[-WINDOWS:]
        facts["windows"] = [[start.isoformat(), end.isoformat()] for start, end in newest]
    try:
        cells = with_source_rows(
            reader.bench.connection, comparison.cells, view=view, truth=sliced.truth, rows=reading.rows, facts=facts
        )
    except SkewguardError:  # it was read before; what cannot be read again has nothing to show
        return comparison
    return replace(comparison, cells=cells)
