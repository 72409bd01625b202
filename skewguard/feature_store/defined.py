"""What a repo defines, in plain texts and callables: each view, its source, its transform, and each service."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from skewguard.contract import Contract
from skewguard.definition import BatchTransform, OnDemandTransform, find_transform
from skewguard.definition.tags import Declared, read
from skewguard.errors.base import SkewguardError
from skewguard.feature_store.definitions import join_keys, request_fields, view_kind
from skewguard.feature_store.load import Repo
from skewguard.model import SourceSpec, ViewError, ViewKind


@dataclass(frozen=True, kw_only=True)
class DefinedSource:
    """A batch source of any kind; `place` is its path, table or query as it is written in the definition."""

    kind: str
    name: str
    place: str
    is_path: bool = False
    timestamp: str = ""
    created: str = ""
    field_mapping: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DefinedView:
    """One view. `function` is what Feast would call, or the decorated function behind it; `text` its source text."""

    name: str
    kind: ViewKind
    entities: tuple[str, ...]
    join_keys: tuple[tuple[str, str], ...]
    features: Mapping[str, str]
    contracts: Mapping[str, Contract]
    ttl: timedelta | None = None
    online: bool = True
    stored: bool = False
    owner: str = ""
    source: DefinedSource | None = None
    pushed: str = ""
    inputs: tuple[str, ...] = ()
    request: tuple[tuple[str, str], ...] = ()
    mode: str = ""
    aggregations: tuple[str, ...] = ()
    transform: BatchTransform | OnDemandTransform | None = None
    events: Mapping[str, DefinedSource] = field(default_factory=dict)
    function: Callable[..., Any] | None = None
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class DefinedAlias:
    """A view as a service asks for it: under another name, or by other join keys."""

    name: str
    view: str
    join_keys: tuple[tuple[str, str], ...]


def defined_views(repo: Repo) -> tuple[tuple[DefinedView, ...], tuple[ViewError, ...]]:
    """All views of `repo`, which must still be open, and why others cannot be told."""
    failed = {each.feature: each for each in repo.errors}
    views = []
    for name, view in {**repo.gathered.views, **repo.gathered.on_demand}.items():
        if name in failed:
            continue
        try:
            views.append(_on_demand(repo, view) if name in repo.gathered.on_demand else _stored(repo, view))
        except SkewguardError as error:
            failed[name] = ViewError(feature=name, message=str(error))
    return tuple(views), tuple(failed.values())


def defined_services(repo: Repo) -> tuple[dict[str, dict[str, tuple[str, ...]]], tuple[DefinedAlias, ...]]:
    """Service to view (as it is asked for) to features; and what those views are that are asked for otherwise."""
    services: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, lines in repo.asking.services.items():
        asked = services.setdefault(name, {})
        for line, features in lines:
            asked[line.name] = (*asked.get(line.name, ()), *features)
    aliases = tuple(
        DefinedAlias(name=each.name, view=each.base, join_keys=each.join_key_map)
        for each in repo.asking.asked.values()
        if each.aliased
    )
    return services, aliases


def _stored(repo: Repo, view: Any) -> DefinedView:
    declared = read(view.tags)
    transform = None if declared is None else find_transform(declared.transform)
    keys = tuple((each.column, each.dtype) for each in join_keys(view, repo.gathered, {}))
    inside = {column for column, _ in keys}
    return DefinedView(
        name=view.name,
        kind=view_kind(view),
        entities=tuple(name for name in view.entities if not name.startswith("__dummy")),
        join_keys=keys,
        features={each.name: str(each.dtype) for each in view.features if each.name not in inside},
        contracts={} if declared is None else declared.contracts,
        ttl=view.ttl if view.ttl and view.ttl > timedelta(0) else None,
        online=bool(view.online),
        owner=_owner(view),
        source=None if view.batch_source is None else _source(view.batch_source),
        pushed=type(view.stream_source).__name__ if view.stream_source is not None else "",
        aggregations=tuple(_aggregation(each) for each in getattr(view, "aggregations", None) or ()),
        transform=transform,
        events={} if declared is None else {name: _event(each) for name, each in declared.sources.items()},
        **_code(view, transform),
    )


def _on_demand(repo: Repo, view: Any) -> DefinedView:
    declared = read(view.tags)
    transform = None if declared is None else find_transform(declared.transform)
    return DefinedView(
        name=view.name,
        kind=ViewKind.ON_DEMAND,
        entities=(),
        join_keys=(),
        features={each.name: str(each.dtype) for each in view.features},
        contracts={} if declared is None else declared.contracts,
        stored=bool(view.write_to_online_store),
        owner=_owner(view),
        inputs=_inputs(repo, view.name, declared),
        request=tuple((each.name, each.dtype) for each in request_fields(view)),
        aggregations=tuple(_aggregation(each) for each in getattr(view, "aggregations", None) or ()),
        transform=transform,
        **_code(view, transform),
    )


def _inputs(repo: Repo, view: str, declared: Declared | None) -> tuple[str, ...]:
    """References of what it reads; a decorated one reads the declared inputs, and gets no others."""
    offered = {
        f"{asked.name}:{feature}": (f"{asked.name}__{feature}", feature)
        for asked, features in repo.asking.inputs.get(view, ())
        for feature in features
    }
    if declared is None:
        return tuple(offered)
    wanted = {columns[0] for columns in declared.inputs.values() if columns}
    return tuple(ref for ref, (full, _) in offered.items() if full in wanted)


def _code(view: Any, transform: BatchTransform | OnDemandTransform | None) -> dict[str, Any]:
    """The function behind a view, and how Feast calls it."""
    if transform is not None:
        return {"function": transform.function}
    transformation = getattr(view, "feature_transformation", None)
    if transformation is None:
        return {}
    mode = getattr(transformation, "mode", None) or getattr(view, "mode", None) or ""
    written = getattr(transformation, "udf_string", "") or getattr(transformation, "substrait_plan", b"")
    return {
        "function": getattr(transformation, "udf", None),
        "text": written if isinstance(written, str) else repr(written),
        "mode": f"{getattr(mode, 'value', mode)}{', one row at a time' if getattr(view, 'singleton', False) else ''}",
    }


def _owner(view: Any) -> str:
    return view.owner or view.tags.get("owner") or ""


def _event(spec: SourceSpec) -> DefinedSource:
    extra = {"format": spec.file_format, "s3_endpoint": spec.s3_endpoint or ""}
    return DefinedSource(
        kind="FileSource",
        name=spec.name,
        place=spec.path,
        is_path=True,
        timestamp=spec.timestamp_column,
        created=spec.created_column or "",
        field_mapping=spec.field_mapping,
        extra=extra,
    )


def _source(source: Any) -> DefinedSource:
    place = getattr(source, "path", None)
    return DefinedSource(
        kind=type(source).__name__,
        name=source.name or "",
        place=place if isinstance(place, str) else _query(source),
        is_path=isinstance(place, str),
        timestamp=source.timestamp_field or "",
        created=source.created_timestamp_column or "",
        field_mapping=dict(source.field_mapping or {}),
        extra=dict(_extra(source)),
    )


def _query(source: Any) -> str:
    """A table or a query, as Feast would put it behind FROM."""
    with suppress(Exception):  # every kind of source has its own idea of this
        return str(source.get_table_query_string())
    return ""


def _extra(source: Any) -> Iterator[tuple[str, str]]:
    form = getattr(source, "file_format", None)
    yield "format", "" if form is None else type(form).__name__.removesuffix("Format").lower()
    yield "s3_endpoint", getattr(source, "s3_endpoint_override", None) or ""
    yield "date_partition", getattr(source, "date_partition_column", None) or ""


def _aggregation(aggregation: Any) -> str:
    window = getattr(aggregation, "time_window", None)
    return f"{aggregation.function}({aggregation.column})" + (f" over {window}" if window else "")
