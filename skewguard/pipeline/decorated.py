"""Decorated batch views: which table a check reads, and which one is the truth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from skewguard.model import Stage, ViewSpec
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.selection import Selection

STALE = (
    "the view's table is missing or outdated; this check computed it anew, privately: "
    "`skewguard build` does so for training and serving"
)


def with_tables(bench: Bench, selection: Selection) -> tuple[Selection, dict[str, Path]]:
    """The selection with the tables that it is to read, and by base view the table that the code makes now.

    A sandbox reads the table that the code makes now. A live check reads the table that is deployed, as training does,
    and holds it to the other one.
    """
    from skewguard.feature_store.quiet import quiet
    from skewguard.pipeline.build import fresh_tables

    bench.progress.stage(Stage.BUILD)
    with quiet():
        fresh, failed = fresh_tables(bench.repo, bench.folder, {view.base_name for view in selection.stored})
    for view in selection.stored:
        for error in failed:
            if error.feature == view.base_name:
                bench.failures.add(view.name, error.message)
        if view.base_name in fresh and fresh[view.base_name].is_relative_to(bench.folder):
            bench.note(view, STALE)
    if bench.options.live:
        return selection, fresh
    return (
        Selection(
            views=tuple(_reading(view, fresh) for view in selection.views),
            inputs=tuple(_reading(view, fresh) for view in selection.inputs),
        ),
        fresh,
    )


def _reading(view: ViewSpec, fresh: dict[str, Path]) -> ViewSpec:
    if view.source is None or view.base_name not in fresh:
        return view
    return replace(view, source=replace(view.source, path=str(fresh[view.base_name])))
