"""Sources that are no files: pulled through Feast's own offline store, once each, an estimate said before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from skewguard.errors.base import SkewguardError
from skewguard.model import Stage, ViewSpec
from skewguard.pipeline.bench import Bench

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.feature_store.pull import Pull
    from skewguard.reading import Opened

# Feast's stores leave out the condition, or write an empty one, where a bound is missing.
THE_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


def pulled(bench: Bench, views: Iterable[ViewSpec], instants: Iterable[datetime]) -> dict[str, Path]:
    """For every source of `views` that is no file, by its path, a Parquet file of its rows up to the last instant.

    Where a source cannot be pulled, its views fail.
    """
    from skewguard.feature_store.pull import is_pulled

    by_source: dict[str, list[ViewSpec]] = {}
    for view in bench.failures.without(views):
        if is_pulled(view) and view.source is not None:
            by_source.setdefault(view.source.path, []).append(view)
    start, end = bench.options.since or THE_BEGINNING, max([bench.now, *instants])
    found = {}
    for number, (path, readers) in enumerate(by_source.items()):
        out = bench.folder / f"pulled_{number}.parquet"
        try:
            _pull(bench, readers, out, start, end)
            found[path] = out
        except SkewguardError as error:
            for view in readers:
                bench.failures.add(view.name, str(error))
    return found


def _pull(bench: Bench, readers: list[ViewSpec], out: Path, start: datetime, end: datetime) -> None:
    from skewguard.feature_store.pull import prepare

    source = readers[0].source
    assert source is not None
    name = source.name

    # Feast materializes all features of a view, whichever of them are compared.
    whole = [each for each in bench.repo.views if each.source is not None and each.source.path == source.path]
    bases = [each for each in whole if each.base_name in {reader.base_name for reader in readers}]
    prepared = prepare(bench.repo, bases, bench.folder / "warehouse", start=start, end=end)
    since = "the beginning" if start == THE_BEGINNING else start.isoformat()
    expected = _expected(prepared)
    bench.progress.stage(Stage.SAMPLE, f"pull {name}")
    bench.progress.tell(f"pull {name} from {since}: {expected}")
    rows = prepared.write(out)
    kind = bench.repo.offline_kind
    bench.said.append(
        f"pulled {rows:,} rows of {name} from {since} on through Feast's offline store ({kind}); expected: {expected}"
    )


def _expected(prepared: Pull) -> str:
    estimate = prepared.estimate
    if estimate is None:
        return "an unknown number of rows, as this store gives no estimate"
    return f"about {estimate.rows:,} rows, {estimate.size / 1e6:,.1f} MB"


def opened_pulled(bench: Bench, view: ViewSpec, path: Path) -> Opened:
    """The pulled rows as the view's source, under the name that it has in the warehouse."""
    from skewguard.reading import open_source

    assert view.source is not None
    opened = open_source(
        bench.connection, replace(view.source, path=str(path), file_format="parquet"), folder=bench.folder
    )
    return replace(opened, spec=view.source)


def within_reach(
    bench: Bench, view: ViewSpec, inputs: Iterable[ViewSpec], opened: Mapping[str, Opened], rows: pa.Table
) -> pa.Table:
    """The entity rows whose every source has an event from --since on; of others nobody knows what came before.

    Only of sources that were pulled from there on: files are read whole. `rows` may have `as_of`, else all count.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from skewguard.feature_store.pull import is_pulled
    from skewguard.replay import first_events

    kept = rows
    for each in inputs:
        if bench.options.since is None or not is_pulled(each) or not each.join_keys:
            continue
        first = first_events(bench.connection, opened[each.name], each, kept).cast(pa.timestamp("us", "UTC"))
        there = pc.is_valid(first)
        if "as_of" in kept.column_names:
            there = pc.and_kleene(there, pc.fill_null(pc.less_equal(first, kept["as_of"]), False))
        kept = kept.filter(there)
    lost = rows.num_rows - kept.num_rows
    if lost:
        bench.note(view, f"{lost:,} entity rows without an event since --since were left out: nothing earlier was read")
    return kept
