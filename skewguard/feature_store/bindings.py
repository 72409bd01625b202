"""Binds decorated transforms to Feast: plain views that carry the transform's fingerprint, contract and owner."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from feast import Entity, FeatureView, Field, FileSource, OnDemandFeatureView, RequestSource
from feast.data_source import DataSource
from feast.types import from_value_type
from feast.value_type import ValueType

from skewguard.definition import BatchTransform, OnDemandTransform, tags, transform_of
from skewguard.errors import near
from skewguard.errors.definition import BindingError, NotATransformError
from skewguard.feature_store.event_sources import event_sources, stored_dtype
from skewguard.feature_store.feast_dtypes import feast_dtype
from skewguard.feature_store.shim import declared_transformation, shim_source
from skewguard.feature_store.table_path import default_table, repo_of
from skewguard.model import SourceSpec


def feature_view(
    transform: Any,
    *,
    source: DataSource | Mapping[str, DataSource],
    entities: Sequence[Entity],
    ttl: timedelta | None = None,
    name: str | None = None,
    online: bool = True,
    path: str | Path | None = None,
    tags: Mapping[str, str] | None = None,
    description: str = "",
    owner: str | None = None,
) -> FeatureView:
    """A plain feature view over the table that `skewguard build` computes for a batch transform.

        carrier_delays_view = feature_view(carrier_delays, source=departures, entities=[carrier], ttl=timedelta(days=2))

    `source` is the FileSource of the events, or parameter name to FileSource where the transform takes several tables.
    The table is the Parquet file `path`, by default `data/built/<name>.parquet` in the Feast repo that the calling file
    is in. `name` defaults to the function's name. Training and serving read this one table.
    """
    batch = transform_of(transform)
    if not isinstance(batch, BatchTransform):
        raise NotATransformError(transform, "batch_features")
    view = _view_name(batch, name)
    _require_importable(batch, view)
    repo = repo_of(sys._getframe(1).f_code.co_filename)
    events = event_sources(batch, source, view)
    agreed = owner if owner is not None else _common_owner(batch)
    return FeatureView(
        name=view,
        entities=list(entities),
        ttl=ttl,
        online=online,
        schema=[*_key_fields(batch, entities, events, view, repo), *(_field(each, batch) for each in batch.features)],
        source=_built_table(batch, view, default_table(repo, view) if path is None else Path(path)),
        tags={**(tags or {}), **_batch_tags(batch, events, agreed)},
        description=description,
        owner=agreed or "",
    )


def _built_table(batch: BatchTransform, view: str, path: Path) -> FileSource:
    return FileSource(
        name=f"{view}_table",
        path=str(path),
        timestamp_field=batch.timestamp,
        created_timestamp_column=batch.created_column,
    )


def on_demand_feature_view(
    transform: Any,
    *,
    sources: Sequence[FeatureView | RequestSource],
    name: str | None = None,
    columns: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    description: str = "",
    owner: str | None = None,
) -> OnDemandFeatureView:
    """A plain on-demand view whose code is an import of the transform.

        delay_share_view = on_demand_feature_view(delay_share, sources=[carrier_delays_view, booking_request])

    Each input of the transform is the feature or request field of its name; `columns` maps an input to another one,
    `"view:feature"` or `"field"`. `name` defaults to the function's name.
    """
    on_demand = transform_of(transform)
    if not isinstance(on_demand, OnDemandTransform):
        raise NotATransformError(transform, "on_demand_features")
    view = _view_name(on_demand, name)
    _require_importable(on_demand, view)
    found = _inputs(on_demand, sources, columns or {}, view)
    source_text = shim_source(on_demand, found)
    schema = [_field(feature, on_demand) for feature in on_demand.features]
    transformation = declared_transformation(on_demand, source_text, schema)
    agreed = owner if owner is not None else _common_owner(on_demand)
    return OnDemandFeatureView(
        name=view,
        sources=list(sources),
        schema=schema,
        mode=transformation.mode.value,
        feature_transformation=transformation,
        udf=transformation.udf,
        udf_string=source_text,
        tags={**(tags or {}), **_on_demand_tags(on_demand, found, agreed)},
        description=description,
        owner=agreed or "",
    )


def _view_name(transform: BatchTransform | OnDemandTransform, name: str | None) -> str:
    return transform.name if name is None else name


def _require_importable(transform: BatchTransform | OnDemandTransform, view: str) -> None:
    if transform.function.__module__ == "__main__":
        raise BindingError(
            view,
            f"{transform.name} is defined in __main__, which no other process can import.",
            next_step="Move it to a module.",
        )


def _common_owner(transform: BatchTransform | OnDemandTransform) -> str | None:
    return tags.common_owner(transform.features)


def _field(feature: Any, transform: BatchTransform | OnDemandTransform) -> Field:
    # On-demand fields stay bare: where Feast infers an on-demand schema anew, it compares descriptions too.
    described = feature.description if isinstance(transform, BatchTransform) else ""
    return Field(name=feature.name, dtype=feast_dtype(feature.dtype), description=described)


def _key_fields(
    batch: BatchTransform, entities: Sequence[Entity], events: Mapping[str, SourceSpec], view: str, repo: Path
) -> list[Field]:
    """A field per key whose dtype is known: then Feast need not look it up in a table that may not be built yet.

    It is what the transform declares, else what the entity does, else what the events have under that name.
    """
    keys = {entity.join_key: entity for entity in entities}
    if set(keys) != set(batch.entity):
        raise BindingError(
            view,
            f"its entities have the join keys {sorted(keys)}, {batch.path} declares entity={sorted(batch.entity)}.",
            next_step="Give the entities of exactly those keys.",
        )
    fields = []
    for key in batch.entity:
        known, declared = keys[key].value_type, batch.entity_dtypes.get(key)
        if declared is not None:
            dtype = feast_dtype(declared)
        elif known is not ValueType.UNKNOWN:
            dtype = from_value_type(known)
        else:
            stored = (stored_dtype(spec, key, repo) for spec in events.values())
            dtype = next((each for each in stored if each is not None), None)
        if dtype is not None:
            fields.append(Field(name=key, dtype=dtype))
    return fields


def _inputs(
    transform: OnDemandTransform, sources: Sequence[Any], columns: Mapping[str, str], view: str
) -> dict[str, tuple[str, ...]]:
    """For each input the columns that may hold it, in order of preference; its dtype is that of its source."""
    offered = _offered(sources)
    unknown = sorted(set(columns) - set(transform.inputs))
    if unknown:
        raise BindingError(view, f"columns maps {', '.join(unknown)}.", known=near(unknown[0], transform.inputs))
    found: dict[str, tuple[str, ...]] = {}
    for name, dtype in transform.inputs.items():
        wanted = columns.get(name, name)
        matching = {ref: each for ref, each in offered.items() if wanted in (ref, ref.partition(":")[2] or ref)}
        if not matching:
            raise BindingError(view, f"no source has its input {wanted!r}.", known=near(wanted, offered))
        if len(matching) > 1:
            step = f"Say which: columns={{{name!r}: {next(iter(matching))!r}}}."
            raise BindingError(view, f"{' and '.join(sorted(matching))} are its input {wanted!r}.", next_step=step)
        (ref, given), *_ = matching.items()
        if str(given) != dtype:
            step = f"Declare {name!r} as {given}, or change the source."
            raise BindingError(view, f"its input {name!r} is {dtype}, {ref} is {given}.", next_step=step)
        feature_view_name, colon, feature = ref.partition(":")
        found[name] = (f"{feature_view_name}__{feature}", feature) if colon else (ref,)
    return found


def _offered(sources: Sequence[Any]) -> dict[str, Any]:
    """`view:feature` and request fields, to their dtypes."""
    offered: dict[str, Any] = {}
    for each in sources:
        if isinstance(each, RequestSource):
            offered |= {field.name: field.dtype for field in each.schema}
        else:
            offered |= {f"{each.name}:{field.name}": field.dtype for field in each.features}
    return offered


def _batch_tags(batch: BatchTransform, specs: Mapping[str, Any], owner: str | None) -> dict[str, str]:
    return tags.write(
        tags.Declared(
            binding=tags.Binding.BATCH,
            transform=batch.path,
            fingerprint=batch.fingerprint,
            contracts={feature.name: feature.contract for feature in batch.features},
            owner=owner,
            lookback=batch.lookback,
            sources=specs,
        )
    )


def _on_demand_tags(
    transform: OnDemandTransform, found: Mapping[str, tuple[str, ...]], owner: str | None
) -> dict[str, str]:
    return tags.write(
        tags.Declared(
            binding=tags.Binding.ON_DEMAND,
            transform=transform.path,
            fingerprint=transform.fingerprint,
            contracts={feature.name: feature.contract for feature in transform.features},
            owner=owner,
            inputs=found,
        )
    )
