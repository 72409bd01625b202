"""Cuts from each source the rows that the sampled entities can see, once for all views over the same base view."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skewguard.model import SourceSpec, Stage, ViewSpec
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.population import Population
from skewguard.pipeline.selection import Selection

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.slice import SliceInfo

COMPANY = (
    "all sampled bytes of a feature are empty, which Feast stores as null unless the batch has some that are not: what "
    "does have some of entities beside the sample ({:,}) was materialized with it"
)
BESIDE_NULLS = (
    "{} has nulls in the source and none in the sample: in a materialization of both together {}, which Feast does to "
    "a batch of whole numbers with a null, and this check's batch had none"
)


@dataclass(frozen=True, kw_only=True)
class Sliced:
    """The slice of one base view; `truth` is how the source value is read, the view's own transform applied."""

    path: Path
    oldest: datetime | None
    truth: SourceSpec
    transform_error: str | None = None


def cut(bench: Bench, selection: Selection, population: Population, tables: Mapping[str, Path]) -> dict[str, Sliced]:
    """A slice by base view name, for every stored view that has rows. A view whose slice fails, fails.

    `tables` has, for decorated views, the table that their code makes now: in a live check the truth is read from it.
    """
    by_base: dict[str, list[ViewSpec]] = {}
    for view in bench.failures.without(selection.stored):
        by_base.setdefault(view.base_name, []).append(view)
    bench.progress.stage(Stage.SLICE, total=len(by_base))
    sliced = {}
    for number, (base, views) in enumerate(by_base.items()):
        found = _cut_one(bench, views, selection, population, bench.folder / f"slice_{number}.parquet")
        if found is not None:
            live_truth = tables.get(base) if bench.options.live else None
            sliced[base] = (
                found if live_truth is None else replace(found, truth=replace(found.truth, path=str(live_truth)))
            )
        bench.progress.advance()
    return sliced


def _cut_one(
    bench: Bench, views: list[ViewSpec], selection: Selection, population: Population, out: Path
) -> Sliced | None:
    from skewguard.errors.base import SkewguardError

    first = views[0]
    udf = bench.repo.batch_transform(first)
    try:
        info = _written(bench, views, selection, population, out, whole=udf is not None)
    except SkewguardError as error:
        for view in views:
            bench.failures.add(view.name, str(error))
        return None
    for view in views:
        bench.note(view, *info.notes)
    assert first.source is not None
    if udf is None:
        return Sliced(path=out, oldest=info.oldest, truth=replace(first.source, path=str(out)))
    return _transformed(udf, first.source, out, info.oldest)


def _written(
    bench: Bench, views: list[ViewSpec], selection: Selection, population: Population, out: Path, *, whole: bool
) -> SliceInfo:
    """The slice of the entities asked for, and of those without whom Feast would store them otherwise."""
    import pyarrow as pa

    from skewguard.slice import changed_beside_nulls, company, write_slice

    opened, base = population.opened[views[0].name], _whole(bench, views[0])
    keys = _keys(views, selection, population.rows)
    instants = {instant for view in views for instant in _instants(view, selection, population.rows)}
    cut_out = partial(
        write_slice, bench.connection, opened, base,
        as_of=max(instants), out=out, all_columns=whole, all_rows=whole,
    )  # fmt: skip
    info = cut_out(keys)
    if bench.options.live or whole:  # what is deployed was stored long ago, and a slice with all rows has everybody
        return info
    changed = changed_beside_nulls(opened, base, out)
    notes = [*info.notes, *(BESIDE_NULLS.format(repr(name), how) for name, how in changed.items())]
    others = company(bench.connection, opened, base, out, instants)
    if others is None:
        return replace(info, notes=tuple(notes))
    together = cut_out(pa.concat_tables([keys, others], promote_options="permissive"))
    return replace(together, notes=(*notes, COMPANY.format(others.num_rows)))


def _transformed(udf: Callable[[Any], Any], source: SourceSpec, out: Path, oldest: datetime | None) -> Sliced:
    from skewguard.feature_store.view_transform import transform_slice

    try:
        truth = transform_slice(udf, source, out, out.with_suffix(".transformed.parquet"))
    except Exception as error:  # the user's transform: materialization will meet the same, and say so
        reason = f"the view's transform raises on its source rows: {type(error).__name__}: {error}"
        return Sliced(path=out, oldest=oldest, truth=source, transform_error=reason)
    return Sliced(path=out, oldest=oldest, truth=truth)


def _whole(bench: Bench, view: ViewSpec) -> ViewSpec:
    """The base view with all its features: Feast materializes all of them, whichever were asked for.

    Keys keep the names of `view`'s requests, by which the entity rows are found.
    """
    base = next((each for each in bench.repo.views if each.name == view.base_name), view)
    return replace(base, join_keys=view.join_keys, source=view.source)


def _readers(view: ViewSpec, selection: Selection) -> Iterable[str]:
    """The views for whose entity rows `view` is read: itself, and the on-demand views that it feeds."""
    return (view.name, *(each.name for each in selection.on_demand if view.name in each.inputs))


def _instants(view: ViewSpec, selection: Selection, rows: Mapping[str, pa.Table]) -> Iterable[datetime]:
    for name in _readers(view, selection):
        if name in rows:
            yield from rows[name]["as_of"].unique().to_pylist()


def _keys(views: list[ViewSpec], selection: Selection, rows: Mapping[str, pa.Table]) -> pa.Table:
    """All keys that the slice must answer for, under the names of the first view's requests."""
    import pyarrow as pa

    names = [key.held for key in views[0].join_keys]
    asked = [
        rows[reader].select([key.held for key in view.join_keys]).rename_columns(names)
        for view in views
        for reader in _readers(view, selection)
        if reader in rows
    ]
    return pa.concat_tables(asked, promote_options="permissive")
