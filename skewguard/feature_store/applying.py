"""Applies copies of a repo's objects to a private registry; a bad view costs itself and its dependants, no more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skewguard.feature_store.exits import exits_as_errors
from skewguard.feature_store.load import Repo
from skewguard.feature_store.quiet import quiet
from skewguard.feature_store.registry import shortened
from skewguard.feature_store.rewrite import on_demand_copy, on_slice, service_of
from skewguard.model import ViewKind, ViewSpec

if TYPE_CHECKING:
    from feast import FeatureService, FeatureStore, RepoConfig

ALIAS_SERVICE = "skewguard_alias_{}"
# How Feast prints a field, of which its name and dtype matter.
FIELD = re.compile(r"Field\( name='(?P<name>[^']*)', dtype=(?:<PrimitiveFeastType\.)?(?P<dtype>\w+).*?metric=\w+ \)")


@dataclass(kw_only=True)
class Applied:
    """What went into the registry. `aliases` maps a ViewSpec's name to the service that asks for it."""

    aliases: dict[str, FeatureService] = field(default_factory=dict)
    services: dict[str, FeatureService] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def apply_all(repo: Repo, config: RepoConfig, slices: Mapping[str, Path], *, everything: bool = False) -> Applied:
    """The views that have a slice and what is made of them, or `everything` that is compared.

    All at once, as `feast apply` does; view by view where Feast refuses that.
    """
    from feast import FeatureStore

    applied = Applied()
    wanted, made = _wanted(repo, None if everything else slices)
    views = {name: on_slice(repo.gathered.views[name], slices) for name in wanted}
    on_demand = {name: on_demand_copy(repo.gathered.on_demand[name], slices) for name in made}
    entities = list(repo.gathered.entities.values())
    with quiet():
        try:
            with exits_as_errors():
                FeatureStore(config=config).apply([*entities, *views.values(), *on_demand.values()])
        except Exception:
            _apply_each(repo, config, entities, views, on_demand, applied)
        _apply_services(repo, FeatureStore(config=config), {**views, **on_demand}, applied)
    return applied


def _wanted(repo: Repo, slices: Mapping[str, Path] | None) -> tuple[list[str], list[str]]:
    """Names of views, and of on-demand views: what has a slice, and whatever an on-demand view reads beside it."""
    bases = {view.name: view.base_name for view in repo.views}
    wanted, made = dict.fromkeys(slices if slices is not None else repo.gathered.views), []
    for view in repo.views:
        inputs = [bases[name] for name in view.inputs]
        if view.kind is ViewKind.ON_DEMAND and (not inputs or any(each in wanted for each in inputs)):
            made.append(view.name)
    wanted |= dict.fromkeys(bases[each] for name in made for each in _spec(repo, name).inputs)
    compared = set(bases.values())
    return [name for name in wanted if name in repo.gathered.views and name in compared], made


def _spec(repo: Repo, name: str) -> ViewSpec:
    return next(view for view in repo.views if view.name == name)


def _apply_each(
    repo: Repo,
    config: RepoConfig,
    entities: list[Any],
    views: dict[str, Any],
    on_demand: dict[str, Any],
    applied: Applied,
) -> None:
    from feast import FeatureStore

    store = FeatureStore(config=config)
    store.apply(entities)
    for name, view in (*views.items(), *on_demand.items()):
        broken = next((each for each in _inputs(repo, name) if each in applied.errors), None)
        if broken is not None:
            applied.errors[name] = f"its input {broken} could not be applied"
            continue
        try:
            with exits_as_errors():
                store.apply([view])
        except Exception as error:
            applied.errors[name] = f"`feast apply` refuses it: {FIELD.sub(_field, shortened(error, longest=None))}"
            store.refresh_registry()  # what the failed apply left half-done in memory


def _field(found: re.Match[str]) -> str:
    return f"{found['name']} {found['dtype'].title()}"


def _inputs(repo: Repo, name: str) -> Iterable[str]:
    return [asked.base for asked, _ in repo.asking.inputs.get(name, ())]


def _apply_services(repo: Repo, store: FeatureStore, views: Mapping[str, Any], applied: Applied) -> None:
    usable = {name for name in views if name not in applied.errors}
    for spec in repo.views:
        asked = repo.asking.asked.get(spec.name)
        if asked is None or not asked.aliased:
            continue
        if asked.base not in views:
            continue
        if asked.base not in usable:
            applied.errors[spec.name] = f"its view {asked.base} could not be applied"
            continue
        names = tuple(feature.name for feature in spec.features)
        name = ALIAS_SERVICE.format(len(applied.aliases))
        applied.aliases[spec.name] = service_of(name, [(asked, names)], views)
    for name, lines in repo.asking.services.items():
        kept = [(asked, names) for asked, names in lines if asked.base in usable]
        if kept:
            applied.services[name] = service_of(name, kept, views)
    for service in (*applied.aliases.values(), *applied.services.values()):
        store.registry.apply_feature_service(service, store.project, commit=False)
    store.registry.commit()
