"""The nouns of a lock: texts by name all the way down, so that what is compared is what people read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Text: TypeAlias = str | tuple[str, ...]
Facts: TypeAlias = Mapping[str, Text]

VERSION = 1
HEADING = "# skewguard.lock"


@dataclass(frozen=True, kw_only=True)
class LockedView:
    """One view: `facts` about all of it, `source` and `events` where its rows come from, `code` what computes them."""

    facts: Facts
    features: Mapping[str, Facts]
    source: Facts = field(default_factory=dict)
    events: Mapping[str, Facts] = field(default_factory=dict)
    transform: Facts = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)

    def refs(self, name: str) -> set[str]:
        """The references of all its features."""
        return {f"{name}:{feature}" for feature in self.features}

    def listed(self, fact: str) -> tuple[str, ...]:
        """A fact that is a list; empty where there is none."""
        found = self.facts.get(fact, ())
        return found if isinstance(found, tuple) else (found,)


@dataclass(frozen=True, kw_only=True)
class Lock:
    """A whole lock. `services`: service to view, as it asks for it, to features; `aliases`: what such a view is."""

    project: str
    views: Mapping[str, LockedView]
    services: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    aliases: Mapping[str, Facts] = field(default_factory=dict)
    libraries: Mapping[str, str] = field(default_factory=dict)

    def services_of(self, refs: set[str]) -> set[str]:
        """The services that list one of these features, or an on-demand feature that is computed from one."""
        reached = set(refs)
        before = -1
        while before != len(reached):
            before = len(reached)
            for name, view in self.views.items():
                if reached.intersection(map(self._base, view.listed("inputs"))):
                    reached |= view.refs(name)
        return {
            name
            for name, asked in self.services.items()
            if any(
                self._base(f"{view}:{feature}") in reached for view, features in asked.items() for feature in features
            )
        }

    def _base(self, ref: str) -> str:
        """A reference under an alias, under the view's own name."""
        for name, alias in self.aliases.items():
            if ref.startswith(f"{name}:"):
                return f"{alias['view']}{ref[len(name) :]}"
        return ref
