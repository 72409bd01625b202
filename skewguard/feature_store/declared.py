"""Which views of an open repo are tables of batch transforms, found by their tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skewguard.definition import BatchTransform, find_transform
from skewguard.definition.tags import Binding, Declared, read
from skewguard.errors import SkewguardError
from skewguard.errors.definition import NotATransformError
from skewguard.feature_store.load import Repo
from skewguard.model import SourceSpec, ViewError


@dataclass(frozen=True, kw_only=True)
class DeclaredTable:
    """A view over a built table: where the table lies, the transform that fills it, and its event tables."""

    view: str
    path: Path
    transform: BatchTransform
    sources: Mapping[str, SourceSpec]
    registered: str  # the fingerprint in the view's tags


def declared_tables(repo: Repo) -> tuple[tuple[DeclaredTable, ...], tuple[ViewError, ...]]:
    """All such views of `repo`, which must still be open, and what is wrong with others."""
    tables, errors = [], []
    for name, view in repo.gathered.views.items():
        try:
            declared = read(view.tags)
            if declared is not None and declared.binding is Binding.BATCH:
                tables.append(table_of(name, view, declared, repo.folder))
        except SkewguardError as error:
            errors.append(ViewError(feature=name, message=str(error)))
    return tuple(tables), tuple(errors)


def table_of(name: str, view: Any, declared: Declared, folder: Path) -> DeclaredTable:
    """The table of one Feast view, whose relative path starts at `folder`; the project must be importable."""
    transform = find_transform(declared.transform)
    if not isinstance(transform, BatchTransform):
        raise NotATransformError(transform.function, "batch_features")
    return DeclaredTable(
        view=name,
        path=folder / view.batch_source.path.removeprefix("file://"),
        transform=transform,
        sources=declared.sources,
        registered=declared.fingerprint,
    )
