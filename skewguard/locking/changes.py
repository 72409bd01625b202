"""What differs between two locks, in words, and which feature services it reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from skewguard.locking.code import code_changes
from skewguard.locking.locked import Facts, Lock, LockedView, Text


class What(StrEnum):
    """What a change is about."""

    VIEW = "view"
    FEATURE = "feature"
    DTYPE = "dtype"
    CONTRACT = "contract"
    DECLARATION = "declaration"
    SOURCE = "source"
    CODE = "code"
    LIBRARY = "library"
    SERVICE = "service"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change: of a view, a library or a service; `services` are those that it reaches."""

    subject: str
    about: What
    words: str
    features: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


def changes(before: Lock, after: Lock) -> tuple[Change, ...]:
    """From one lock to the other; empty where they are alike."""
    found: list[Change] = []
    for name in sorted(before.views.keys() | after.views.keys()):
        old, new = before.views.get(name), after.views.get(name)
        found += _Teller(before=before, after=after, subject=name).view(old, new)
    found += _libraries(before, after)
    found += _aliases(before, after)
    found += _services(before, after)
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class _Teller:
    """Tells the changes of one subject, each with what it reaches on either side."""

    before: Lock
    after: Lock
    subject: str

    def tell(self, about: What, words: str, refs: Iterable[str]) -> Change:
        wanted = set(refs)
        services = self.before.services_of(wanted) | self.after.services_of(wanted)
        return Change(
            subject=self.subject,
            about=about,
            words=words,
            features=tuple(sorted(wanted)),
            services=tuple(sorted(services)),
        )

    def view(self, old: LockedView | None, new: LockedView | None) -> Iterator[Change]:
        if old is None or new is None:
            shown = new or old
            assert shown is not None
            word = "new" if old is None else "gone"
            yield self.tell(What.VIEW, f"the view is {word}", shown.refs(self.subject))
            return
        told = [*self._facts(old, new), *self._features(old, new)]
        if not told and old.transform.get("fingerprint") != new.transform.get("fingerprint"):
            told = [self.tell(What.CODE, "the fingerprint of its transform changed", new.refs(self.subject))]
        yield from told

    def _facts(self, old: LockedView, new: LockedView) -> Iterator[Change]:
        """What is said of the view as a whole: it reaches all of its features."""
        refs = old.refs(self.subject) | new.refs(self.subject)
        was, now = _declared(old), _declared(new)
        own = {str(each.get("function", "")) for each in (was, now)}
        for about, told in (
            (What.DECLARATION, facts_changed(old.facts, new.facts)),
            (What.SOURCE, (f"source: {each}" for each in facts_changed(old.source, new.source))),
            (What.SOURCE, _events(old, new)),
            (What.DECLARATION, facts_changed(was, now)),
            (What.CODE, code_changes(old.code, new.code, own)),
        ):
            yield from (self.tell(about, words, refs) for words in told)

    def _features(self, old: LockedView, new: LockedView) -> Iterator[Change]:
        for name in sorted(old.features.keys() | new.features.keys()):
            ref, was, now = f"{self.subject}:{name}", old.features.get(name), new.features.get(name)
            if was is None or now is None:
                yield self.tell(What.FEATURE, f"feature `{name}` is {'new' if was is None else 'gone'}", [ref])
                continue
            for key in sorted(was.keys() | now.keys()):
                words = fact_changed(key, was.get(key), now.get(key))
                if words is not None:
                    about = What.DTYPE if key == "dtype" else What.CONTRACT
                    yield self.tell(about, f"feature `{name}`: {words}", [ref])


def _declared(view: LockedView) -> Facts:
    """What its decorator says, and where its function is; the fingerprint is of all this and more."""
    return {key: value for key, value in view.transform.items() if key != "fingerprint"}


def _events(old: LockedView, new: LockedView) -> Iterator[str]:
    for event in sorted(old.events.keys() | new.events.keys()):
        for words in facts_changed(old.events.get(event, {}), new.events.get(event, {})):
            yield f"events `{event}`: {words}"


def facts_changed(old: Facts, new: Facts) -> Iterator[str]:
    """Each fact that differs, in words."""
    for key in sorted(old.keys() | new.keys()):
        words = fact_changed(key, old.get(key), new.get(key))
        if words is not None:
            yield words


def fact_changed(key: str, old: Text | None, new: Text | None) -> str | None:
    """`lookback 7 d -> 1 d`, or what a list gained and lost; None where they are equal."""
    label = key.replace("_", " ")
    if old == new:
        return None
    if not isinstance(old, tuple | None) or not isinstance(new, tuple | None):
        return f"{label} {_shown(old)} -> {_shown(new)}"
    gained, lost = set(new or ()) - set(old or ()), set(old or ()) - set(new or ())
    told = [f"gained {', '.join(sorted(gained))}"] if gained else []
    told += [f"lost {', '.join(sorted(lost))}"] if lost else []
    return f"{label} {' and '.join(told) or 'in another order'}"


def _shown(value: Text | None) -> str:
    if value is None or value == "":
        return "none"
    return value if isinstance(value, str) else ", ".join(value)


def _libraries(before: Lock, after: Lock) -> Iterator[Change]:
    for library in sorted(before.libraries.keys() & after.libraries.keys()):
        old, new = before.libraries[library], after.libraries[library]
        if old != new:
            refs = {
                ref
                for lock in (before, after)
                for name, view in lock.views.items()
                if library in view.listed("libraries")
                for ref in view.refs(name)
            }
            teller = _Teller(before=before, after=after, subject=f"library {library}")
            yield teller.tell(What.LIBRARY, f"{old} -> {new}", refs)


def _aliases(before: Lock, after: Lock) -> Iterator[Change]:
    for name in sorted(before.aliases.keys() | after.aliases.keys()):
        for words in facts_changed(before.aliases.get(name, {}), after.aliases.get(name, {})):
            services = {
                service for lock in (before, after) for service, asked in lock.services.items() if name in asked
            }
            told = tuple(sorted(services))
            yield Change(subject=f"alias {name}", about=What.SERVICE, words=words, services=told)


def _services(before: Lock, after: Lock) -> Iterator[Change]:
    for name in sorted(before.services.keys() | after.services.keys()):
        old, new = before.services.get(name), after.services.get(name)
        if old is None or new is None:
            words: str | None = f"the feature service is {'new' if old is None else 'gone'}"
        else:
            words = fact_changed("features", _listed(old), _listed(new))
        if words is not None:
            yield Change(subject=f"service {name}", about=What.SERVICE, words=words, services=(name,))


def _listed(asked: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted(f"{view}:{feature}" for view, features in asked.items() for feature in features))
