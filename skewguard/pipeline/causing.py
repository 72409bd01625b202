"""Asks of every skewed cell why, group by group, and settles what counts as skew once that is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from skewguard.model import Stage, ViewKind
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.code_now import note_edited
from skewguard.pipeline.comparing import contract_of
from skewguard.pipeline.readings import Reader, Reading
from skewguard.pipeline.store_clock import on_one_clock
from skewguard.pipeline.worked import with_worked_cells

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.comparison.counted import Comparison

    Group = Callable[[pa.Table], pa.Table]


def explain_all(
    bench: Bench, reader: Reader, readings: tuple[Reading, ...], compared: Mapping[str, Comparison]
) -> dict[str, Comparison]:
    """The comparisons with a cause for every skewed cell. Stored views first: on-demand ones may inherit from them."""
    bench.progress.stage(Stage.CAUSES, total=len(readings))
    note_edited(bench, readings)
    settled: dict[str, Comparison] = {}
    for each in sorted(readings, key=lambda each: each.view.kind is ViewKind.ON_DEMAND):
        reading, comparison, doubtful = on_one_clock(bench, reader, each, compared[each.view.name])
        settled[reading.view.name] = comparison
        if any(each.skewed for each in comparison.counts):
            # What explains the cells is not held any longer than it takes: there may be gigabytes of evidence.
            found = _settled(
                bench, reading, comparison, _explained(bench, reader, readings, reading, comparison, doubtful)
            )
            settled[reading.view.name] = with_worked_cells(reader, reading, found)
        bench.progress.advance()
    return {name: settled.get(name, comparison) for name, comparison in compared.items()}


def _explained(
    bench: Bench,
    reader: Reader,
    readings: tuple[Reading, ...],
    reading: Reading,
    comparison: Comparison,
    doubtful: frozenset[int],
) -> pa.Table:
    """What each group of causes says of the view's cells: in order, each of those that the earlier left unexplained."""
    from skewguard.causes.case import named

    asked: set[int] = set()

    def patterns(cells: pa.Table) -> pa.Table:
        if len(cells) in asked:  # cells only ever leave: as many are the same ones
            return named([])
        asked.add(len(cells))
        return _patterns(bench, reader, readings, reading, cells)

    explained = named([])
    for group in _groups(bench, reader, reading, comparison, doubtful, patterns):
        cells = _unexplained(comparison.cells, explained)
        if cells.num_rows:
            explained = _with(explained, group(cells))
    return explained


def _groups(
    bench: Bench,
    reader: Reader,
    reading: Reading,
    comparison: Comparison,
    doubtful: frozenset[int],
    patterns: Group,
) -> Iterator[Group]:
    """The groups of causes that a view can have; each answers for the cells that it is given.

    Patterns are looked for once more where another group has explained some of the cells that shared none. The weakest
    evidence comes last.
    """
    if reading.view.kind is ViewKind.ON_DEMAND:
        yield from _on_demand_groups(bench, reader, reading, comparison)
        yield patterns
        return
    strong, seen, weak, last = _view_groups(bench, reader, reading, comparison, doubtful)
    yield from (strong, seen, patterns, last, patterns, weak, patterns)


def _patterns(
    bench: Bench, reader: Reader, readings: tuple[Reading, ...], reading: Reading, cells: pa.Table
) -> pa.Table:
    """What the cells of a feature that nothing else explains have in common."""
    from skewguard.causes.patterns import name_patterns
    from skewguard.pipeline.pattern_cases import pattern_case

    return name_patterns(bench.connection, pattern_case(bench, reader, readings, reading, cells))


def _on_demand_groups(bench: Bench, reader: Reader, reading: Reading, comparison: Comparison) -> Iterator[Group]:
    """Those of on-demand features: found by running the transform again."""
    from skewguard.causes.on_demand import name_on_demand_causes
    from skewguard.pipeline.on_demand_cases import on_demand_case

    case = on_demand_case(bench, reader, reading, comparison)
    if case is not None:
        yield lambda cells: name_on_demand_causes(bench.connection, replace(case, cells=cells))


def _view_groups(
    bench: Bench, reader: Reader, reading: Reading, comparison: Comparison, doubtful: frozenset[int]
) -> Iterator[Group]:
    """Those of features of views; of earlier runs; what has the time of a file as its only evidence; the last ones."""
    from skewguard.causes.case import named
    from skewguard.causes.views import name_last_causes, name_remembered_causes, name_view_causes, name_weak_causes
    from skewguard.pipeline.file_times import of_written_files
    from skewguard.pipeline.remembering import remembered, unrefuted
    from skewguard.pipeline.stored_cases import stored_case, with_stored_types

    case = replace(stored_case(bench, reader, reading, comparison), doubtful=doubtful)

    def strong(cells: pa.Table) -> pa.Table:
        asked = replace(case, cells=cells)
        return unrefuted(bench, reader, asked, name_view_causes(bench.connection, asked))

    def seen(cells: pa.Table) -> pa.Table:
        asked = replace(case, cells=cells)
        values = remembered(bench, reader, asked)
        return name_remembered_causes(bench.connection, asked, values) if values is not None else named([])

    def weak(cells: pa.Table) -> pa.Table:
        asked = replace(case, cells=cells)
        found = of_written_files(bench, case, name_weak_causes(bench.connection, asked))
        return unrefuted(bench, reader, asked, found, weak=True)

    yield from (strong, seen, weak)
    yield lambda cells: name_last_causes(bench.connection, with_stored_types(bench, reader, replace(case, cells=cells)))


def _unexplained(cells: pa.Table, explained: pa.Table) -> pa.Table:
    """The skewed cells that have no cause yet."""
    import pyarrow.compute as pc

    return cells.filter(pc.fill_null(cells["skewed"], False)).join(
        explained.select(["row_id", "position"]), keys=["row_id", "position"], join_type="left anti"
    )


def _with(explained: pa.Table, more: pa.Table) -> pa.Table:
    import pyarrow as pa

    return pa.concat_tables([explained, more])


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
