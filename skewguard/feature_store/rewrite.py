"""Copies Feast's view objects so that they read a slice in place of their batch source."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from feast import DataSource, FeatureService, FeatureView, FileSource, OnDemandFeatureView

    from skewguard.feature_store.projections import Asked


def on_slice(view: FeatureView, slices: Mapping[str, Path]) -> FeatureView:
    """A copy of the view that reads its slice; views without one keep their source."""
    copied = copy.deepcopy(view)
    _as_new(copied)
    # Writing transformed rows back to the source would change the slice that training reads.
    copied.offline = False
    for source_view in copied.source_views or []:
        _swap(source_view, slices)
    _swap(copied, slices)
    return copied


def _swap(view: FeatureView, slices: Mapping[str, Path]) -> None:
    path = slices.get(view.name)
    if path is None or view.batch_source is None:
        return
    source = slice_source(view.batch_source, path)
    view.batch_source = source
    view.source = source
    view.projection.batch_source = source
    if view.stream_source is not None:
        view.stream_source.batch_source = source
    elif not view.source_views:
        view.data_source = source


def slice_source(original: DataSource, path: Path) -> FileSource:
    """A Parquet source with the names, mapping and timestamp columns of the original."""
    from feast import FileSource
    from feast.data_format import ParquetFormat

    return FileSource(
        name=original.name,
        path=str(path),
        file_format=ParquetFormat(),
        timestamp_field=original.timestamp_field,
        created_timestamp_column=original.created_timestamp_column,
        field_mapping=dict(original.field_mapping or {}),
    )


def on_demand_copy(view: OnDemandFeatureView, slices: Mapping[str, Path]) -> OnDemandFeatureView:
    """A copy of the on-demand view whose inputs read their slices."""
    copied = copy.deepcopy(view)
    _as_new(copied)
    for projection in copied.source_feature_view_projections.values():
        path = slices.get(projection.name)
        if path is not None and projection.batch_source is not None:
            projection.batch_source = slice_source(projection.batch_source, path)
    return copied


def _as_new(view: Any) -> None:
    """Feast serves a view that was never applied before; a pinned version or a state is of another registry."""
    from feast.feature_view import FeatureViewState

    view.version = "latest"
    view.current_version_number = None
    view.state = FeatureViewState.STATE_UNSPECIFIED
    view.created_timestamp = view.last_updated_timestamp = None
    if hasattr(view, "materialization_intervals"):
        view.materialization_intervals = []


def service_of(name: str, lines: Iterable[tuple[Asked, tuple[str, ...]]], views: Mapping[str, Any]) -> FeatureService:
    """A feature service that asks for exactly these projections, whose features Feast need not infer any more."""
    from feast import FeatureService
    from feast.feature_view_projection import FeatureViewProjection

    service = FeatureService(name=name, features=[])
    for each, names in lines:
        fields = {field.name: field for field in views[each.base].features}
        service.feature_view_projections.append(
            FeatureViewProjection(
                name=each.base,
                # Named as skewguard names it, so that two maps of one view under one alias stay apart.
                name_alias=each.name if each.name != each.base else None,
                desired_features=[],
                features=[fields[feature] for feature in names if feature in fields],
                join_key_map=dict(each.join_key_map),
            )
        )
    return service
