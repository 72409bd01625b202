"""What a check would compare, by name alone: the definitions are loaded, and nothing is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from skewguard.errors.repo import CodeExits
from skewguard.model import Skipped, ViewError, ViewKind, ViewSpec
from skewguard.pipeline.options import CheckOptions
from skewguard.pipeline.selection import select

UNREAD = "its batch source, or that of an input, is no file, and the offline store reads files only"


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The features of a check in its order, the views that it skips, and those that it cannot load."""

    features: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    errors: tuple[ViewError, ...]


def checkable(views: tuple[ViewSpec, ...]) -> tuple[ViewSpec, ...]:
    """Views with rows that can be read, and the on-demand views over them."""
    unread = {view.name for view in views if view.kind is not ViewKind.ON_DEMAND and view.source is None}
    return tuple(view for view in views if view.name not in unread and not unread.intersection(view.inputs))


def skipped(views: tuple[ViewSpec, ...], by_nature: Iterable[Skipped]) -> tuple[Skipped, ...]:
    """What is skipped by nature, and the views whose rows cannot be read."""
    readable = {view.name for view in checkable(views)}
    return (*by_nature, *(Skipped(feature=view.name, reason=UNREAD) for view in views if view.name not in readable))


def list_features(options: CheckOptions) -> Listing:
    """The features that `check(options)` would report on. Errors: those of loading a repo and of selecting from it."""
    from skewguard.feature_store.load import open_repo

    try:
        with open_repo(folder=options.repo, yaml=options.feature_store_yaml, live=options.live) as repo:
            passed_over = skipped(repo.views, repo.skipped)
            broken = [error.feature for error in repo.errors]
            selection = select(options, checkable(repo.views), repo.services, passed_over, broken)
            concerns = _concerns(options, repo.services)
            return Listing(
                features=tuple(feature.ref for view in selection.views for feature in view.features),
                skipped=tuple(each for each in passed_over if concerns(each.feature)),
                errors=tuple(each for each in repo.errors if concerns(each.feature)),
            )
    except SystemExit as error:
        raise CodeExits(error) from error


def _concerns(options: CheckOptions, services: Mapping[str, tuple[str, ...]]) -> Callable[[str], bool]:
    """Whether a view that cannot be compared is one that was asked for."""
    refs = [*options.features, *(ref for name in options.services for ref in services.get(name, ()))]
    asked = {ref.partition(":")[0] for ref in refs}
    return lambda view: view not in options.excludes and (not asked or view in asked)
