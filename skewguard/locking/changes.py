"""What differs between two locks, in words, and which feature services it reaches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from skewguard.locking.code import code_changes
from skewguard.locking.facts import fact_changed, facts_changed
from skewguard.locking.locked import Facts, Lock, LockedView


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


def changes(before: Lock, after: Lock, *, unknown: Collection[str] = ()) -> tuple[Change, ...]:
    """From one lock to the other; empty where they are alike. Of the views `unknown` it is not known what they are."""
    found: list[Change] = []
    renamed = dict(_renamed(before.views, after.views, unknown))
    for name in sorted((before.views.keys() | after.views.keys()) - set(unknown) - set(renamed.values())):
        teller, was = _Teller(before=before, after=after, subject=name), renamed.get(name)
        if was is None:
            found += teller.view(before.views.get(name), after.views.get(name))
        else:
            refs = before.views[was].refs(was) | after.views[name].refs(name)
            found.append(teller.tell(What.VIEW, f"the view was renamed from {was}", refs))
    found += _libraries(before, after)
    found += _aliases(before, after)
    found += _services(before, after)
    return tuple(found)


def _renamed(
    old: Mapping[str, Any], new: Mapping[str, Any], unknown: Collection[str] = ()
) -> Iterator[tuple[str, str]]:
    """What came, with what is gone and said the very same under another name."""
    come = {name: each for name, each in new.items() if name not in old}
    for name, each in sorted(old.items()):
        if name not in new and name not in unknown:
            now = next((other for other, there in sorted(come.items()) if there == each), None)
            if now is not None:
                del come[now]
                yield now, name


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
        if _computed(old)[0] != _computed(new)[0]:
            yield from self._computed_otherwise(old, new, refs)
            return
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

    def _computed_otherwise(self, old: LockedView, new: LockedView, refs: set[str]) -> Iterator[Change]:
        """By a function of another kind, or by none: all that is said of the one is new or gone with it."""
        (_, was), (_, now) = _computed(old), _computed(new)
        yield self.tell(What.CODE, f"it was {was}, and is {now} now", refs)
        without = [{key: each for key, each in view.facts.items() if key != "libraries"} for view in (old, new)]
        for about, told in (
            (What.DECLARATION, facts_changed(*without)),
            (What.SOURCE, (f"source: {each}" for each in facts_changed(old.source, new.source))),
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


def _computed(view: LockedView) -> tuple[str, str]:
    """By what sort of function its values are computed, and that in words."""
    function = str(view.transform.get("function", "")) or "of its own"
    if not view.transform:
        return "none", "read from its source"
    if "form" in view.transform or "takes" in view.transform:
        return "decorated", f"computed by the decorated transform {function}"
    return "plain", f"computed by the function {function}"


def _declared(view: LockedView) -> Facts:
    """What its decorator says, and where its function is; the fingerprint is of all this and more."""
    return {key: value for key, value in view.transform.items() if key != "fingerprint"}


def _events(old: LockedView, new: LockedView) -> Iterator[str]:
    for event in sorted(old.events.keys() | new.events.keys()):
        for words in facts_changed(old.events.get(event, {}), new.events.get(event, {})):
            yield f"events `{event}`: {words}"


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
        old, new = before.aliases.get(name), after.aliases.get(name)
        if old is None or new is None:
            shown = new or old or {}
            told_of = [f"the alias of {shown.get('view')} is {'new' if old is None else 'gone'}"]
        else:
            told_of = list(facts_changed(old, new))
        for words in told_of:
            services = {
                service for lock in (before, after) for service, asked in lock.services.items() if name in asked
            }
            told = tuple(sorted(services))
            yield Change(subject=f"alias {name}", about=What.SERVICE, words=words, services=told)


def _services(before: Lock, after: Lock) -> Iterator[Change]:
    renamed = dict(_renamed(before.services, after.services))
    for name in sorted((before.services.keys() | after.services.keys()) - set(renamed.values())):
        old, new, was = before.services.get(name), after.services.get(name), renamed.get(name)
        if was is not None:
            words: str | None = f"the feature service was renamed from {was}"
        elif old is None or new is None:
            words = f"the feature service is {'new' if old is None else 'gone'}"
        else:
            words = fact_changed("features", _listed(old), _listed(new))
        if words is not None:
            reached = (name,) if was is None else (was, name)
            yield Change(subject=f"service {name}", about=What.SERVICE, words=words, services=tuple(sorted(reached)))


def _listed(asked: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted(f"{view}:{feature}" for view, features in asked.items() for feature in features))
