"""Fills in what a view leaves to Feast (features, key types, the timestamp column) with Feast's own inference."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from skewguard.feature_store.gathered import Gathered
from skewguard.feature_store.quiet import quiet
from skewguard.feature_store.registry import shortened
from skewguard.model import ViewError

if TYPE_CHECKING:
    from feast import FeatureView, RepoConfig


def infer_all(gathered: Gathered, config: RepoConfig) -> dict[str, ViewError]:
    """Completes every view in place; what cannot be inferred is that view's error, by name."""
    from feast.infra.provider import get_provider

    provider = get_provider(config)
    errors: dict[str, ViewError] = {}
    for name, view in gathered.views.items():
        unknown = [each for each in view.entities if each not in gathered.entities and each != "__dummy"]
        if unknown:
            errors[name] = ViewError(feature=name, message=_unknown_entity(unknown[0]))
            continue
        with quiet():
            try:
                _infer(view, gathered, provider, config)
            except Exception as error:
                if _described_enough(view):
                    continue
                errors[name] = ViewError(feature=name, message=_not_inferred(view, error, Path(config.repo_path)))
    return errors


def _infer(view: FeatureView, gathered: Gathered, provider: object, config: RepoConfig) -> None:
    from feast import inference
    from feast.feature_view import DUMMY_ENTITY

    entities = [*gathered.entities.values(), DUMMY_ENTITY]
    if view.batch_source is not None:
        inference.update_data_sources_with_inferred_event_timestamp_col([view.batch_source], config)
    inference.update_feature_views_with_inferred_features_and_entities(provider, [view], entities, config)


def _described_enough(view: FeatureView) -> bool:
    """Whether only key types are unknown: the source is read later, and may be a table that is yet to be built."""
    source = view.batch_source
    return bool(view.features and source is not None and source.timestamp_field)


def _unknown_entity(name: str) -> str:
    return (
        f"its entity {name} is not among the repo's entities: Feast registers an entity only where it is "
        "a module-level name"
    )


def _not_inferred(view: FeatureView, error: Exception, folder: Path) -> str:
    """Feast's own words, and first the plain reason where the source file is simply not there."""
    path = getattr(view.batch_source, "path", "") or ""
    if path and "://" not in path and not any(mark in path for mark in "*?[") and not (folder / path).exists():
        return f"its source file {folder / path} does not exist, and Feast needs it to infer the view's schema"
    return f"Feast cannot infer its schema: {shortened(error)}"
