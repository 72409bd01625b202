"""Compares the readings of every view, and looks once more at what differs in a live store before saying so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from skewguard.config import contract_for
from skewguard.contract import Contract
from skewguard.model import FeatureSpec, Side, Stage, ViewKind
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.readings import Reader, Reading

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.comparison.counted import Comparison
    from skewguard.equality.rules import Rule


MOST_LOOKS = 5  # at a store that is written to all the while


def compare_all(
    bench: Bench, reader: Reader, readings: tuple[Reading, ...]
) -> tuple[tuple[Reading, ...], dict[str, Comparison]]:
    """What was read, as last seen, and a comparison by view name. Contracts of the configuration are in force."""
    bench.progress.stage(Stage.DIFF, total=len(readings))
    seen, compared = [], {}
    for reading in readings:
        last, compared[reading.view.name] = _compare(bench, reader, reading)
        seen.append(last)
        bench.progress.advance()
    return tuple(seen), compared


def _compare(bench: Bench, reader: Reader, reading: Reading) -> tuple[Reading, Comparison]:
    first = comparison_of(bench, reader, reading)
    doubtful = _skewed_rows(first, reading.rows)
    if not bench.options.live or not doubtful.num_rows:
        return reading, first
    last, second = _looked_twice(bench, reader, reading, first)
    settled = sum(each.skewed for each in first.counts) - sum(each.skewed for each in second.counts)
    if settled > 0:
        bench.note(reading.view, f"{settled:,} cells differed at first and not when they were read once more")
    return last, second


def _looked_twice(bench: Bench, reader: Reader, reading: Reading, first: Comparison) -> tuple[Reading, Comparison]:
    """What was read last of the rows that differ, once no cell differs that did not do so the time before as well."""
    import pyarrow.compute as pc

    last, seen, doubtful = reading, first, _skewed_rows(first, reading.rows)
    for _ in range(MOST_LOOKS):
        last = replace(last, online=_patched(last.online, reader.read_again(reading.view, doubtful)))
        before, seen = _skewed_cells(seen), comparison_of(bench, reader, last)
        now = _skewed_cells(seen)
        changed = _rows_of(now.filter(pc.invert(pc.is_in(now, before))), seen)
        if not len(changed):
            return last, seen
        doubtful = _rows_among(reading.rows, changed)
    bench.note(reading.view, f"the online store kept changing: {len(changed):,} rows differed anew at every look")
    return last, seen


def _skewed_cells(comparison: Comparison) -> pa.Array:
    """A number for each skewed cell: there may be millions."""
    import pyarrow as pa
    import pyarrow.compute as pc

    skewed = comparison.cells.filter(comparison.cells["skewed"])
    first = pc.multiply(skewed["row_id"].cast(pa.int64()), len(comparison.counts))
    return pc.add(first, skewed["position"].cast(pa.int64())).combine_chunks()


def _rows_of(cells: pa.Array, comparison: Comparison) -> pa.Array:
    import pyarrow.compute as pc

    return pc.unique(pc.divide(cells, len(comparison.counts)))


def comparison_of(bench: Bench, reader: Reader, reading: Reading) -> Comparison:
    """What the three values of one view come to, before any cause is known."""
    from skewguard.comparison.sides import compare_sides

    return compare_sides(
        bench.connection, view=reading.view, rules=rules_of(bench, reader, reading), rows=reading.rows,
        source=reading.source, offline=reading.offline, online=reading.online,
    )  # fmt: skip


def rules_of(bench: Bench, reader: Reader, reading: Reading) -> list[Rule]:
    """How each feature is compared: by its dtype and contract; no more finely than the coarsest input it reads."""
    from skewguard.equality.rules import rule_of

    coarse = _reads_float32(reader, reading)
    return [
        rule_of(feature.dtype, contract_of(bench, feature).tolerance, reads_float32=coarse)
        for feature in reading.view.features
    ]


def contract_of(bench: Bench, feature: FeatureSpec) -> Contract:
    """What the feature promises, by its definition and the configuration."""
    return contract_for(feature.ref, feature.contract, bench.options.contracts)


def _reads_float32(reader: Reader, reading: Reading) -> bool:
    view = reading.view
    if view.kind is not ViewKind.ON_DEMAND:
        return False
    read = set(view.input_features)
    inputs = [
        feature.dtype
        for each in reader.selection.inputs
        if each.name in view.inputs
        for feature in each.features
        if not read or feature.ref in read
    ]
    return any("Float32" in dtype for dtype in [*inputs, *(field.dtype for field in view.request)])


def _skewed_rows(comparison: Comparison, rows: pa.Table) -> pa.Table:
    return _rows_among(rows, _rows_of(_skewed_cells(comparison), comparison))


def _rows_among(rows: pa.Table, row_ids: pa.Array) -> pa.Table:
    import pyarrow.compute as pc

    return rows.filter(pc.is_in(rows["row_id"], row_ids))


def _patched(online: Side, again: Side) -> Side:
    """The first answers, with those that were read once more in their place."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kept = online.table.filter(pc.invert(pc.is_in(online.table["row_id"], again.table["row_id"].combine_chunks())))
    table = pa.concat_tables([kept, again.table], promote_options="permissive").sort_by("row_id")
    return replace(online, table=table)


def keep_event_times(bench: Bench, readings: tuple[Reading, ...], compared: Mapping[str, Comparison]) -> None:
    """Remember when the source events of what is skewed, and of what is not, happened."""
    from skewguard.comparison.event_times import event_times

    for reading in readings:
        if reading.view.kind is not ViewKind.ON_DEMAND:
            found = event_times(bench.connection, reading.view, reading.source, compared[reading.view.name])
            bench.event_times.extend(found)
