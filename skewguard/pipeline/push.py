"""`skewguard.push`: the streaming path runs the very function that builds the training table."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from skewguard import parse, sql
from skewguard.build.arrivals import newest_rows
from skewguard.errors.definition import PushError
from skewguard.feature_store.push import pushed_view, write_offline, write_online
from skewguard.reading import open_source

if TYPE_CHECKING:
    from feast import FeatureStore


class Target(StrEnum):
    """Which stores a push writes to."""

    ONLINE = "online"
    OFFLINE = "offline"
    ONLINE_AND_OFFLINE = "online_and_offline"


def push(store: FeatureStore, view: str, events: Any, *, to: str = "online", as_of: datetime | None = None) -> pa.Table:
    """Push new events of a decorated view's source; returns the feature rows that were written.

        skewguard.push(FeatureStore("feature_repo"), "carrier_delays", new_departures)

    `events` is a pandas frame or Arrow table in the columns of the view's event source, or a mapping from parameter to
    such where the transform takes several. The transform runs on them and on the source's events of the last lookback,
    for the entities they touch alone, and the newest row of each at or before `as_of` (default: now) is written: the
    row that `skewguard build` computes once the events are in the source. History comes from the source: events that
    are not there yet, of earlier pushes too, must be among `events`; those that are there are not counted twice.

    `to` is "online", "offline" (appended to the built table until the next build) or "online_and_offline".
    Raises PushError where nothing was written.
    """
    _must_be_a_name(view)
    target = _target(view, to)
    moment = datetime.now(UTC) if as_of is None else _instant(view, as_of)
    table = pushed_view(store, view)
    given = events if isinstance(events, Mapping) else _only(view, table.transform.parameters, events)
    arrow = {name: _arrow(view, name, each) for name, each in given.items()}
    folder = Path(store.repo_path or ".")
    with closing(sql.connect()) as connection:
        opened = {
            name: open_source(connection, table.sources[name], folder=folder) for name in table.transform.parameters
        }
        rows = newest_rows(connection, table.transform, opened, arrow, as_of=moment)
    if rows.num_rows and target is not Target.OFFLINE:
        write_online(store, view, rows)
    if rows.num_rows and target is not Target.ONLINE:
        write_offline(store, view, rows)
    return rows


def _must_be_a_name(view: Any) -> None:
    """Before any message holds it: it may be a frame."""
    if not isinstance(view, str):
        step = "Give its name, such as the `name` of the view that feature_view(...) made."
        raise PushError(type(view).__name__, "a view is named by text.", next_step=step)


def _target(view: str, to: str) -> Target:
    try:
        return Target(to)
    except ValueError:
        raise PushError(view, f"to={to!r} is no store.", next_step=f"Give one of {', '.join(Target)}.") from None


def _instant(view: str, as_of: Any) -> datetime:
    try:
        return parse.instant(as_of)
    except ValueError as problem:
        raise PushError(view, f"as_of={as_of!r} is no instant: {problem}.") from None


def _only(view: str, parameters: tuple[str, ...], events: Any) -> dict[str, Any]:
    if len(parameters) > 1:
        step = "Give events={" + ", ".join(f"{name!r}: ..." for name in parameters) + "}, or some of them."
        raise PushError(view, f"its transform takes {len(parameters)} event tables.", next_step=step)
    return {parameters[0]: events}


def _arrow(view: str, name: str, events: Any) -> pa.Table:
    if isinstance(events, pa.Table):
        return events
    try:
        return pa.Table.from_pandas(events, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError, AttributeError, TypeError, ValueError) as problem:
        what = f"the events of {name!r} are not a pandas frame or an Arrow table: {problem}"
        raise PushError(view, what) from problem
