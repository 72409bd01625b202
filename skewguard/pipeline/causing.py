"""Asks of every skewed cell why, group by group, and settles what counts as skew once that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from skewguard.model import Stage, ViewKind
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.comparing import contract_of
from skewguard.pipeline.readings import Reader, Reading

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.comparison.counted import Comparison


def explain_all(
    bench: Bench, reader: Reader, readings: tuple[Reading, ...], compared: Mapping[str, Comparison]
) -> dict[str, Comparison]:
    """The comparisons with a cause for every skewed cell. Stored views first: on-demand ones may inherit from them."""
    bench.progress.stage(Stage.CAUSES, total=len(readings))
    settled: dict[str, Comparison] = {}
    for reading in sorted(readings, key=lambda each: each.view.kind is ViewKind.ON_DEMAND):
        comparison = compared[reading.view.name]
        if any(each.skewed for each in comparison.counts):
            settled[reading.view.name] = _settled(bench, reading, comparison, _explained(bench, reader, reading))
        bench.progress.advance()
    return {name: settled.get(name, comparison) for name, comparison in compared.items()}


def _explained(bench: Bench, reader: Reader, reading: Reading) -> pa.Table:
    """What each group of causes says of the view's cells. None does yet."""
    from skewguard.causes.case import named

    return named([])


def _settled(bench: Bench, reading: Reading, comparison: Comparison, explained: pa.Table) -> Comparison:
    from skewguard.causes.settle import settle

    budgets = {}
    for position, feature in enumerate(reading.view.features):
        freshness = contract_of(bench, feature).freshness
        budgets[position] = (bench.options.max_freshness if freshness is None else freshness).total_seconds()
    found = settle(bench.connection, comparison.cells, explained, budgets)
    counts = tuple(
        replace(each, within_freshness=found.fresh.get(position, 0), causes=found.causes.get(position, {}))
        for position, each in enumerate(comparison.counts)
    )
    return replace(comparison, counts=counts, cells=found.cells)
