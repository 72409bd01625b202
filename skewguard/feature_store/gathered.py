"""The Feast objects of a repo, from its Python files or from its registry, before anything is said about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skewguard.errors.repo import ProjectMismatch, RegistryUnreadable
from skewguard.feature_store.imports import parse_python
from skewguard.feature_store.registry import shortened
from skewguard.model import ViewError

if TYPE_CHECKING:
    from feast import Entity, FeatureService, FeatureView, OnDemandFeatureView

DEFINING = ("features", "entities", "batch_source", "stream_source", "ttl", "online", "tags")


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """Feast's own objects by name. `labels` are names of label views; `errors` are of objects that cannot be read."""

    entities: dict[str, Entity]
    views: dict[str, FeatureView]
    on_demand: dict[str, OnDemandFeatureView]
    services: dict[str, FeatureService]
    labels: tuple[str, ...] = ()
    errors: tuple[ViewError, ...] = ()
    notes: tuple[str, ...] = ()
    said: str = field(default="", repr=False)


def from_python(folder: Path, project: str, yaml: Path) -> Gathered:
    """Imports every file of the repo, as `feast apply` does. Errors: RepoImportFailed, ProjectMismatch."""
    contents, said = parse_python(folder)
    names = [each.name for each in contents.projects]
    if names and names != [project]:
        raise ProjectMismatch(names, project, yaml)
    views, notes = _without_aliases([*contents.feature_views, *contents.stream_feature_views])
    errors = list(_twice([*views, *contents.on_demand_feature_views, *contents.label_views]))
    twice = {each.feature for each in errors}
    return Gathered(
        entities={each.name: each for each in contents.entities},
        views={each.name: each for each in views if each.name not in twice},
        on_demand={each.name: each for each in contents.on_demand_feature_views if each.name not in twice},
        services={each.name: each for each in contents.feature_services},
        labels=tuple(each.name for each in contents.label_views),
        errors=tuple(errors),
        notes=(*notes, *_sources_twice(contents.data_sources)),
        said=said,
    )


def _without_aliases(views: Iterable[Any]) -> tuple[list[Any], list[str]]:
    """Module-level names for `view.with_name(...)` are the same view again, not a second definition of it."""
    kept: dict[str, Any] = {}
    others, notes = [], []
    for view in views:
        known = kept.setdefault(view.name, view)
        if known is view:
            continue
        if any(getattr(known, name) != getattr(view, name) for name in DEFINING) or type(known) is not type(view):
            others.append(view)
            continue
        notes.append(
            f"several module-level names hold the view {view.name}: `feast apply` refuses such a repo, "
            "FeatureStore.apply takes it"
        )
        if known.projection.name_alias or known.projection.join_key_map:
            kept[view.name] = view
    return [*kept.values(), *others], list(dict.fromkeys(notes))


def _twice(views: Iterable[Any]) -> Iterator[ViewError]:
    """Feast takes view names for the same when they differ in case only, and then applies nothing at all."""
    names = [each.name for each in views]
    counts = Counter(name.lower() for name in names)
    for name in dict.fromkeys(names):
        if counts[name.lower()] > 1:
            yield ViewError(feature=name, message=f"several views are named {name}; `feast apply` refuses the repo")


def _sources_twice(sources: Iterable[Any]) -> Iterator[str]:
    """Feast tells sources apart by name, whatever the case, and applies nothing where two share one."""
    counts = Counter(each.name.lower() for each in sources)
    for name in dict.fromkeys(each.name for each in sources):
        if counts.pop(name.lower(), 0) > 1:
            yield (
                f"several data sources are named {name}: `feast apply` refuses such a repo; each view was compared "
                "with the one that it names"
            )


def from_registry(proto: Any, project: str, where: str, version: str) -> Gathered:
    """What `project` has in a registry's message; an object that Feast cannot re-create is that object's error."""
    from feast import Entity, FeatureService, FeatureView, OnDemandFeatureView, StreamFeatureView

    errors: list[ViewError] = []

    def read(messages: Iterable[Any], make: Callable[[Any], Any], *, strict: bool = False) -> dict[str, Any]:
        made = {}
        for message in messages:
            name = message.spec.name
            if message.spec.project != project:
                continue
            try:
                made[name] = make(message)
            except Exception as error:
                if strict:
                    raise RegistryUnreadable(where, f"{name}: {shortened(error)}", version) from error
                problem = f"Feast cannot re-create it from the registry: {shortened(error)}"
                errors.append(ViewError(feature=name, message=problem))
        return made

    views = read(proto.feature_views, FeatureView.from_proto)
    views |= read(proto.stream_feature_views, StreamFeatureView.from_proto)
    return Gathered(
        entities=read(proto.entities, Entity.from_proto, strict=True),
        views=views,
        on_demand=read(proto.on_demand_feature_views, OnDemandFeatureView.from_proto),
        services=read(proto.feature_services, FeatureService.from_proto, strict=True),
        labels=tuple(each.spec.name for each in proto.label_views if each.spec.project == project),
        errors=tuple(errors),
    )
