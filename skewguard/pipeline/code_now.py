"""Runs a plain view's transform as the repo's files define it now, to hold it against what the registry stores."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from skewguard.model import ViewKind
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.readings import Reading

if TYPE_CHECKING:
    from skewguard.causes.case import StoredCase


EDITED = (
    "the repo's files have another version of its transform than the registry stores: until `feast apply` training and "
    "serving run the stored one"
)


def note_edited(bench: Bench, readings: Iterable[Reading]) -> None:
    """Say of which views the code was edited and not applied: in a live check neither path runs it."""
    from skewguard.feature_store.edited import edited

    views = tuple(each.view for each in readings if each.view.has_udf or each.view.kind is ViewKind.ON_DEMAND)
    if bench.options.live and views:
        found = edited(bench.repo, views)
        for view in views:
            if view.name in found:
                bench.note(view, EDITED)


def with_code_now(bench: Bench, reading: Reading, case: StoredCase) -> StoredCase:
    """The case with what the files' own transform makes of the source rows, where a live check can tell.

    Decorated transforms carry a fingerprint, and are not asked.
    """
    from skewguard.feature_store.working_tree import working_transform
    from skewguard.pipeline.stored_cases import source_from

    view = case.view
    if not (bench.options.live and view.has_udf and view.fingerprint is None and view.source is not None):
        return case
    try:
        found = working_transform(bench.repo, view)
        if found is None:
            return case
        coded = case.untransformed
        if found.udf is not None:
            from skewguard.feature_store.view_transform import transform_slice

            out = Path(case.raw.path).with_suffix(".coded.parquet")
            coded = source_from(bench, reading, transform_slice(found.udf, view.source, case.slice_path, out))
    except Exception as error:  # the repo's own code, which need not run where only its registry is wanted
        bench.note(view, f"the repo's files could not tell what its transform is now: {type(error).__name__}: {error}")
        return case
    facts = replace(case.facts, code_fingerprint=found.fingerprint, registered_code=found.registered)
    return replace(case, facts=facts, coded=coded)
