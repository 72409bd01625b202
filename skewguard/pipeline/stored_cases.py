"""Gathers what the causes of a feature, batch or stream view ask about: its events, its windows and its store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from skewguard.model import Kind, Side, SourceSpec, ViewSpec
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.comparing import rules_of
from skewguard.pipeline.file_times import source_modified_at
from skewguard.pipeline.readings import Reader, Reading
from skewguard.pipeline.slices import Sliced

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.causes.case import StoredCase, StoreFacts
    from skewguard.comparison.counted import Comparison


def stored_case(bench: Bench, reader: Reader, reading: Reading, comparison: Comparison) -> StoredCase:
    """The case of one stored view, with what its store says about the rows that have a skewed cell."""
    from skewguard.pipeline.code_now import with_code_now

    bare = bare_case(bench, reader, reading, comparison)
    case = replace(
        bare,
        facts=_facts(bench, reader, reading, comparison.cells),
        untransformed=source_from(bench, reading, bare.raw) if reading.view.has_udf else None,
    )
    return with_code_now(bench, reading, case)


def bare_case(bench: Bench, reader: Reader, reading: Reading, comparison: Comparison) -> StoredCase:
    """The case of one stored view by its values and events alone: nothing is asked of its store."""
    from skewguard.causes.case import StoredCase, StoreFacts
    from skewguard.feature_store.pull import is_pulled

    view, sliced = reading.view, reader.sliced[reading.view.base_name]
    assert view.source is not None
    raw = replace(view.source, path=str(sliced.path))
    return StoredCase(
        view=view,
        rules=tuple(rules_of(bench, reader, reading)),
        rows=reading.rows,
        source=reading.source,
        offline=reading.offline,
        online=reading.online,
        cells=comparison.cells,
        live=bench.options.live or reader.replay is not None,  # a store with a history
        now=bench.now,
        slice_path=sliced.path,
        raw=raw,
        truth=sliced.truth if sliced.transform_error is None else raw,
        windows=_windows(reader, view, sliced, reading.rows),
        facts=StoreFacts(),
        source_begins=_source_begins(bench, reader, view),
        since=bench.options.since if is_pulled(view) else None,
        differing=comparison.cells["row_id"].unique(),
    )


def _source_begins(bench: Bench, reader: Reader, view: ViewSpec) -> datetime | None:
    span = reader.population.spans.get(view.name)
    return None if span is None or bench.options.since is not None else span.oldest


def with_stored_types(bench: Bench, reader: Reader, case: StoredCase) -> StoredCase:
    """The case with the types in which the online store holds its cells, where they are not as declared."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from skewguard.causes.views import RETYPED
    from skewguard.feature_store.stored_types import retyped

    if not bench.options.live or case.source is None:
        return case
    cells = case.cells.filter(_among(case.cells, Kind.MISMATCH))
    found = []
    for position in sorted(pc.unique(cells["position"]).to_pylist()):
        asked = cells.filter(pc.equal(cells["position"], position))["row_id"].combine_chunks()
        among = pc.is_in(case.rows["row_id"], asked)
        rows, values = case.rows.filter(among), case.source.table[f"v{position}"].filter(among)
        kinds = retyped(reader.sandbox.serving, bench.repo, case.view, position, rows, values)
        found += [(row_id, position, stored, declared) for row_id, stored, declared in kinds]
    table = pa.Table.from_pylist([dict(zip(RETYPED.names, each, strict=True)) for each in found], schema=RETYPED)
    return replace(case, facts=replace(case.facts, retyped=table))


def _windows(reader: Reader, view: ViewSpec, sliced: Sliced, rows: pa.Table) -> tuple[tuple[datetime, datetime], ...]:
    if reader.bench.options.live:
        return view.windows
    if reader.replay is not None:
        return reader.replay.covered(view.base_name)
    instants = sorted(rows["as_of"].unique().to_pylist())
    return tuple((sliced.oldest, each) for each in instants if sliced.oldest is not None and sliced.oldest <= each)


def source_from(bench: Bench, reading: Reading, table: SourceSpec) -> Side | None:
    """The source side read from another table than the source values; None where that lacks a column of the view."""
    from skewguard.errors.source import SourceError
    from skewguard.source import compute_source

    try:
        return compute_source(bench.connection, replace(reading.view, source=table), Path(table.path), reading.rows)
    except SourceError:
        return None


def _facts(bench: Bench, reader: Reader, reading: Reading, cells: pa.Table) -> StoreFacts:
    from skewguard.causes.case import StoreFacts
    from skewguard.feature_store import facts

    repo, view = bench.repo, reading.view
    converted = _converted(bench, reading, cells)
    joined_by = facts.joined_by(reader.sandbox.training, repo, view)
    if not bench.options.live:
        return StoreFacts(holds_rows=True, converted=converted, joined_by=joined_by)
    store = reader.sandbox.serving
    empty = _rows_of(reading, cells, Kind.MISSING_ONLINE, returned=False)
    partial = _rows_of(reading, cells, Kind.MISSING_ONLINE, returned=True)
    lacking = cells.filter(_among(cells, Kind.MISSING_ONLINE))["position"].unique().to_pylist()
    lacked = facts.unwritten(store, repo, view, partial, sorted(lacking)) if partial.num_rows else {}
    return StoreFacts(
        holds_rows=facts.holds_rows(store, repo, view, reading.online),
        otherwise_keyed=facts.otherwise_keyed(store, repo, view, empty),
        unwritten={position: frozenset(rows) for position, rows in lacked.items()},
        converted=converted,
        applied_at=facts.applied_at(repo, view),
        source_modified_at=source_modified_at(bench, view),
        code_fingerprint=_code_fingerprint(bench, view.base_name) if view.fingerprint else None,
        keeps_newest=facts.keeps_newest(store),
        key_ttl=facts.key_ttl(store),
        joined_by=joined_by,
    )


def _code_fingerprint(bench: Bench, base_name: str) -> str | None:
    from skewguard.feature_store.declared import declared_tables

    tables, _ = declared_tables(bench.repo)
    return next((each.transform.fingerprint for each in tables if each.view == base_name), None)


def _among(cells: pa.Table, *kinds: Kind) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.and_(cells["skewed"], pc.is_in(cells["kind"], pa.array([str(each) for each in kinds])))


def _rows_of(reading: Reading, cells: pa.Table, kind: Kind, *, returned: bool) -> pa.Table:
    """Entity rows with a skewed cell of a kind, of which the online store did or did not return a row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    skewed = cells.filter(_among(cells, kind))["row_id"].combine_chunks()
    answered = pc.equal(reading.online.table["returned"], pa.scalar(returned))
    there = reading.online.table.filter(answered)["row_id"].combine_chunks()
    row_ids = reading.rows["row_id"]
    return reading.rows.filter(pc.and_(pc.is_in(row_ids, skewed), pc.is_in(row_ids, there)))


def _converted(bench: Bench, reading: Reading, cells: pa.Table) -> pa.Table | None:
    """Source values of cells that differ online, as Feast converts them; None where there is no source."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if reading.source is None:
        return None
    doubtful = cells.filter(_among(cells, Kind.MISMATCH, Kind.MISSING_ONLINE))
    doubtful = doubtful.filter(pc.is_in(doubtful["blame"], pa.array(["online", "both"])))
    doubtful = doubtful.filter(pc.is_in(doubtful["row_id"], _of_one_event(reading)))
    columns: dict[str, pa.Array] = {"row_id": pc.unique(doubtful["row_id"]).cast(pa.int64())}
    for position in sorted(pc.unique(doubtful["position"]).to_pylist()):
        asked = doubtful.filter(pc.equal(doubtful["position"], position))["row_id"]
        for letter, (row_ids, values) in _conversions(bench, reading, position, asked):
            columns[f"{letter}{position}"] = values.take(pc.index_in(columns["row_id"], row_ids))
    return pa.table(columns)


def _of_one_event(reading: Reading) -> pa.Array:
    """Rows that online has, and not of an older event: there alone may a value be the source's, converted."""
    import pyarrow as pa
    import pyarrow.compute as pc

    assert reading.source is not None
    online, instant = reading.online.table, pa.timestamp("us", "UTC")
    there = online.filter(online["returned"])
    if "event_timestamp" in reading.source.table.column_names:
        at = pc.index_in(there["row_id"], reading.source.table["row_id"].combine_chunks())
        source = reading.source.table["event_timestamp"].take(at).cast(instant)
        lag = pc.subtract(source.cast(pa.int64()), there["event_timestamp"].cast(instant).cast(pa.int64()))
        there = there.filter(pc.fill_null(pc.less(lag, 1_000_000), True))
    return there["row_id"].combine_chunks()


def _conversions(
    bench: Bench, reading: Reading, position: int, asked: pa.ChunkedArray
) -> Iterator[tuple[str, tuple[pa.Array, pa.Array]]]:
    """Letter of the column, row ids and values of one feature's conversions."""
    import pyarrow.compute as pc

    from skewguard.feature_store.facts import converted

    assert reading.source is not None
    table = reading.source.table
    table = table.filter(pc.and_(pc.is_in(table["row_id"], asked.combine_chunks()), table[f"v{position}"].is_valid()))
    if len(table):
        row_ids, values = table["row_id"].combine_chunks(), table[f"v{position}"].combine_chunks()
        made = converted(bench.repo, reading.view, position, values)
        yield from zip("cw", ((row_ids, each) for each in made), strict=True)
