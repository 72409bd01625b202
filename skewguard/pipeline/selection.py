"""Which features a check compares: all that is served online, or what the options leave of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from skewguard.errors.check import NothingToCompare, NotServed, UnknownName
from skewguard.model import Skipped, ViewKind, ViewSpec
from skewguard.pipeline.options import CheckOptions


@dataclass(frozen=True, kw_only=True)
class Selection:
    """`views` are compared, narrowed to the features asked for; `inputs` are read, whole, for the on-demand ones."""

    views: tuple[ViewSpec, ...]
    inputs: tuple[ViewSpec, ...]

    @property
    def stored(self) -> tuple[ViewSpec, ...]:
        """Every view with rows of its own that the check must read, compared or not."""
        compared = tuple(view for view in self.views if view.kind is not ViewKind.ON_DEMAND)
        names = {view.name for view in compared}
        return compared + tuple(view for view in self.inputs if view.name not in names)

    @property
    def on_demand(self) -> tuple[ViewSpec, ...]:
        """The on-demand views that are compared."""
        return tuple(view for view in self.views if view.kind is ViewKind.ON_DEMAND)


def select(
    options: CheckOptions,
    views: Iterable[ViewSpec],
    services: Mapping[str, tuple[str, ...]],
    skipped: Iterable[Skipped],
    broken: Iterable[str],
) -> Selection:
    """The views that `options` ask for. `broken` are names known to the repo whose errors are told elsewhere.

    Errors: UnknownName, NotServed, NothingToCompare.
    """
    every = tuple(views)
    known = _Known(every, tuple(skipped), tuple(broken))
    keep = _wanted(options, known, services)
    dropped = [known.matcher("exclude", name) for name in options.excludes]
    chosen = tuple(
        narrowed
        for view in every
        if (narrowed := _narrow(view, lambda ref: keep(ref) and not any(drop(ref) for drop in dropped))).features
    )
    if not chosen and not known.broken:
        raise NothingToCompare(str(options.repo), (f"{each.feature} ({each.reason})" for each in known.skipped))
    by_name = {view.name: view for view in every}
    needed = dict.fromkeys(name for view in chosen for name in view.inputs)
    return Selection(views=chosen, inputs=tuple(by_name[name] for name in needed if name in by_name))


class _Known:
    """The names a repo knows, for telling a typing error from a feature that is not served."""

    def __init__(self, views: tuple[ViewSpec, ...], skipped: tuple[Skipped, ...], broken: tuple[str, ...]) -> None:
        self.skipped, self.broken = skipped, broken
        self.refs = {feature.ref for view in views for feature in view.features}
        self.names = {view.name for view in views}

    def matcher(self, option: str, name: str) -> Callable[[str], bool]:
        """A test of references for `name`, which is a view or a `view:feature`."""
        if name in self.names:
            members = {ref for ref in self.refs if ref.startswith(f"{name}:")}
            return members.__contains__
        if name in self.refs:
            return lambda ref: ref == name
        if name in self.broken or name.partition(":")[0] in self.broken:
            return _nothing
        reason = self._reason_to_skip(name)
        if reason is None:
            raise UnknownName(option, name, self.refs | self.names | {each.feature for each in self.skipped})
        if option == "exclude":
            return _nothing
        raise NotServed(option, name, reason)

    def _reason_to_skip(self, name: str) -> str | None:
        names = (name, name.partition(":")[0])
        return next((each.reason for each in self.skipped if each.feature in names), None)


def _nothing(ref: str) -> bool:
    return False


def _wanted(options: CheckOptions, known: _Known, services: Mapping[str, tuple[str, ...]]) -> Callable[[str], bool]:
    """Either option restricts: several of one kind ask for more, one of each kind for what both of them name."""
    features = [known.matcher("feature", name) for name in options.features]
    for service in options.services:
        if service not in services:
            raise UnknownName("service", service, services)
    members = [set(services[service]).__contains__ for service in options.services]
    kinds = [tests for tests in (features, members) if tests]
    return lambda ref: all(any(test(ref) for test in tests) for tests in kinds)


def _narrow(view: ViewSpec, keep: Callable[[str], bool]) -> ViewSpec:
    return replace(view, features=tuple(feature for feature in view.features if keep(feature.ref)))
