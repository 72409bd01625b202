"""Names every way in which a repo asks for a view: under its own name, an alias, or other join keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from skewguard.feature_store.gathered import Gathered

if TYPE_CHECKING:
    from feast import FeatureService
    from feast.feature_view_projection import FeatureViewProjection


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One view as it is asked for. `features` are names, in order; `aliased` where Feast needs a service to ask so."""

    name: str
    base: str
    alias: str | None = None
    join_key_map: tuple[tuple[str, str], ...] = ()
    features: tuple[str, ...] = ()

    @property
    def aliased(self) -> bool:
        """Whether a plain reference `view:feature` cannot ask for it."""
        return self.alias is not None or bool(self.join_key_map)


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Every projection of a repo once, the features of each, and per service what it lists.

    `pinned` are the references to old versions (`view@v2`), which only a registry's history can answer; `renamed` are
    the on-demand views that read an input under an alias, which Feast answers neither online nor offline.
    """

    asked: Mapping[str, Asked]
    services: Mapping[str, tuple[tuple[Asked, tuple[str, ...]], ...]]
    inputs: Mapping[str, tuple[tuple[Asked, tuple[str, ...]], ...]]  # per on-demand view
    pinned: tuple[str, ...] = ()
    renamed: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # on-demand view: its input and the alias

    def refs(self, service: str) -> tuple[str, ...]:
        """The references that a service lists, as skewguard names them.

        On-demand views go by their own names: under an alias Feast serves them and cannot train.
        """
        found = ((self._compared_as(asked), names) for asked, names in self.services[service])
        return tuple(dict.fromkeys(f"{view}:{feature}" for view, names in found for feature in names))

    def _compared_as(self, asked: Asked) -> str:
        return asked.base if asked.base in self.inputs or asked.base in self.renamed else asked.name


def asking(gathered: Gathered) -> Asking:
    """Reads services and on-demand views for what they ask of which view."""
    names = _Names(gathered)
    pinned: list[str] = []
    services = {}
    for service in gathered.services.values():
        lines = list(_service_lines(service, gathered, pinned))
        services[service.name] = tuple((names.of(line, service.name), line.features) for line in lines)
    inputs, renamed = {}, {}
    for view in gathered.on_demand.values():
        lines = [_line(projection, gathered) for projection in view.source_feature_view_projections.values()]
        aliased = next(((line.base, line.alias) for line in lines if line.alias is not None), None)
        if aliased is not None:
            renamed[view.name] = aliased
        else:
            inputs[view.name] = tuple((names.of(line, view.name), line.features) for line in lines)
    return Asking(
        asked=names.all_asked(),
        services=services,
        inputs=inputs,
        pinned=tuple(dict.fromkeys(pinned)),
        renamed=renamed,
    )


@dataclass(frozen=True, kw_only=True)
class _Line:
    base: str
    alias: str | None
    join_key_map: tuple[tuple[str, str], ...]
    features: tuple[str, ...]


class _Names:
    """Gives each distinct projection one name, unlike every other and every view's."""

    def __init__(self, gathered: Gathered) -> None:
        self._taken: dict[str, tuple[Any, ...]] = {}
        self._features: dict[str, list[str]] = {}
        for name in (*gathered.views, *gathered.on_demand, *gathered.labels):
            self._taken[name] = (name, None, ())

    def of(self, line: _Line, where: str) -> Asked:
        identity = (line.base, line.alias, line.join_key_map)
        keys = ", ".join([new for old, new in line.join_key_map if old != new] or [new for _, new in line.join_key_map])
        wanted = line.alias or (f"{line.base} by {keys}" if keys else line.base)
        name = next(each for each in self._candidates(wanted, where) if self._taken.get(each, identity) == identity)
        self._taken[name] = identity
        features = self._features.setdefault(name, [])
        features += [each for each in line.features if each not in features]
        return self._asked(name)

    @staticmethod
    def _candidates(wanted: str, where: str) -> Iterator[str]:
        yield wanted
        yield f"{wanted} ({where})"
        for count in range(2, 1 << 30):
            yield f"{wanted} ({where} {count})"

    def _asked(self, name: str) -> Asked:
        base, alias, mapped = self._taken[name]
        features = tuple(self._features.get(name, ()))
        return Asked(name=name, base=base, alias=alias, join_key_map=mapped, features=features)

    def all_asked(self) -> dict[str, Asked]:
        return {name: self._asked(name) for name in self._taken}


def _line(projection: FeatureViewProjection, gathered: Gathered) -> _Line:
    base = projection.name
    alias = projection.name_alias if projection.name_alias not in (None, "", base) else None
    names = [each.name for each in projection.features]
    view = gathered.views.get(base) or gathered.on_demand.get(base)
    mapped = tuple(sorted(projection.join_key_map.items()))
    # A map of all keys to themselves changes nothing; Feast's duckdb store joins by no others than those in a map.
    if all(old == new for old, new in mapped) and len(mapped) >= len(getattr(view, "entities", ())):
        mapped = ()
    if not names and view is not None:  # defined before Feast inferred the schema
        names = [each.name for each in view.features]
    if projection.desired_features:
        names = list(projection.desired_features)
    return _Line(base=base, alias=alias, join_key_map=mapped, features=tuple(names))


def _service_lines(service: FeatureService, gathered: Gathered, pinned: list[str]) -> Iterator[_Line]:
    for projection in service.feature_view_projections:
        if projection.version_tag is None:
            yield _line(projection, gathered)
        else:
            pinned.append(f"{projection.name}@v{projection.version_tag}")
    yield from _text_lines(getattr(service, "_pending_feature_refs", ()), gathered, pinned)


def _text_lines(refs: Iterable[str], gathered: Gathered, pinned: list[str]) -> Iterator[_Line]:
    """References written as text, which Feast resolves when it applies the service."""
    from feast.utils import _parse_feature_or_view_ref

    for ref in refs:
        base, version, feature = _parse_feature_or_view_ref(ref)
        view = gathered.views.get(base) or gathered.on_demand.get(base)
        if version is not None:
            pinned.append(f"{base}@v{version}")
        elif view is not None:
            names = (feature,) if feature else tuple(each.name for each in view.features)
            yield _Line(base=base, alias=None, join_key_map=(), features=names)
