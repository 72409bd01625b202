"""The instant for which each view is compared: one for all, or each view's last materialized window."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from skewguard.errors.check import AsOfBeforeWindow
from skewguard.errors.selection import NoEventYet
from skewguard.model import ViewSpec
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.options import AsOf

if TYPE_CHECKING:
    from skewguard.reading import Opened
    from skewguard.sample import Span


def instants(
    bench: Bench, views: tuple[ViewSpec, ...], opened: Mapping[str, Opened], spans: Mapping[str, Span]
) -> tuple[datetime, dict[str, datetime]]:
    """The check's instant, and for each of `views` its own. Errors: AsOfBeforeWindow, NoEventYet."""
    match bench.options.instant:
        case datetime() as instant:
            return instant, {view.name: _not_overtaken(bench, view, instant) for view in views}
        case AsOf.NOW:
            return bench.now, dict.fromkeys((view.name for view in views), bench.now)
        case AsOf.LATEST:
            latest = _latest(bench, views, opened, spans)
            return latest, {view.name: _not_overtaken(bench, view, latest) for view in views}
        case AsOf.MATERIALIZED:
            latest = _latest(bench, views, opened, spans)
            each = {view.name: min(_window_end(view) or latest, bench.now) for view in views}
            _say_what_windows_are(bench, views)
            return max(each.values(), default=latest), each


def _latest(
    bench: Bench, views: tuple[ViewSpec, ...], opened: Mapping[str, Opened], spans: Mapping[str, Span]
) -> datetime:
    from skewguard.sample import newest_event

    found = {}
    for view in views:
        with bench.failures.of(view):
            found[view.name] = newest_event(
                bench.connection, opened[view.name], view, spans[view.name], not_after=bench.now
            )
    known = [view for view in views if view.name in found]
    past = [event for event in found.values() if event is not None]
    if known and not past:
        first = min(known, key=lambda view: spans[view.name].oldest)
        raise NoEventYet(first.name, bench.now.isoformat(), spans[first.name].oldest.isoformat())
    return max(past, default=bench.now)


def _say_what_windows_are(bench: Bench, views: tuple[ViewSpec, ...]) -> None:
    if not bench.options.live:
        bench.said.append(
            "a sandbox has no materialized windows: --as-of materialized is the newest event here; with --live it is "
            "the end of each view's last window"
        )
        return
    for view in views:
        end = _window_end(view)
        if end is None:
            bench.note(view, "no materialized window is recorded: compared as of the newest event")
        elif end > bench.now:
            bench.note(view, f"its last materialized window ends in the future ({end.isoformat()}): compared as of now")


def _window_end(view: ViewSpec) -> datetime | None:
    return max((end for start, end in view.windows if start <= end), default=None)


def _not_overtaken(bench: Bench, view: ViewSpec, instant: datetime) -> datetime:
    end = _window_end(view)
    if bench.options.live and end is not None and instant < end:
        raise AsOfBeforeWindow(view.name, instant.isoformat(), end.isoformat())
    return instant
