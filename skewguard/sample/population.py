"""The population of a view, and the sample of it: distinct keys with an event at or before as-of."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from skewguard import sql
from skewguard.errors.selection import AsOfBeforeData, NoEventSince
from skewguard.errors.source import SourceWithoutKeys
from skewguard.model import ViewSpec
from skewguard.reading import Opened
from skewguard.sample.draw import Draw, check_size, draw
from skewguard.sample.span import Span, bind_events


def draw_population(
    connection: sql.Connection,
    opened: Opened,
    view: ViewSpec,
    span: Span,
    *,
    as_of: datetime,
    rows: int | None,
    seed: int,
    since: datetime | None = None,
    online: pa.Table | None = None,
) -> Draw:
    """`rows` entity rows of the view (None: all), drawn by a seeded hash of the join keys.

    The text that is hashed lists the keys by their name inside the view, so that two views over the same entity,
    or a view and its alias, draw the same entities. `online` has keys of the online store, under the names of requests:
    those without a source event join the population. `since` leaves out the keys whose newest event is older.
    """
    check_size(rows)
    if as_of < span.oldest:
        raise AsOfBeforeData(view.name, as_of.isoformat(), span.oldest.isoformat())
    if not view.join_keys:
        return Draw(rows=pa.table({"any": [True]}).select([]), population=1)
    known = _bind_keys(connection, opened, view, as_of, since)
    population = connection.table("source_keys")
    if online is not None:
        population = _with_online(connection, opened, view, online)
    size = len(population)
    if not size and since is not None:
        raise NoEventSince(view.name, since.isoformat(), span.newest.isoformat())
    if not size:
        names = [key.column for key in view.join_keys]
        raise SourceWithoutKeys(view.name, opened.spec.name, opened.spec.path, names)
    by_name = sorted(range(len(view.join_keys)), key=lambda at: view.join_keys[at].column)
    drawn = draw(connection, population, hashed=[f"k{at}" for at in by_name], rows=rows, seed=seed)
    return Draw(
        rows=drawn.rename_columns([key.held for key in view.join_keys]), population=size, online_only=size - known
    )


def _bind_keys(
    connection: sql.Connection, opened: Opened, view: ViewSpec, as_of: datetime, since: datetime | None
) -> int:
    """Make the keys of the source what is read as `source_keys`; how many they are."""
    bind_events(connection, opened, view)
    from_then_on = None if since is None else opened.instant(since)
    with opened.reading():
        distinct = sql.run(connection, __package__, "population", as_of=opened.instant(as_of), since=from_then_on)
        sql.keep(connection, "source_keys", distinct)
    return len(connection.table("source_keys"))


def _with_online(connection: sql.Connection, opened: Opened, view: ViewSpec, online: pa.Table) -> sql.Relation:
    """The population with the keys that only the online store has, in the types of the source."""
    listed = connection.from_arrow(online.rename_columns([f"k{at}" for at in range(online.num_columns)]))
    columns = [opened.spec.column_of(key.column) for key in view.join_keys]
    sql.keep(connection, "online_keys", listed.select(*opened.asked(listed, columns)))
    sql.keep(connection, "online_only", sql.run(connection, __package__, "online_only"))
    return connection.table("source_keys").union(connection.table("online_only"))


def key_types(opened: Opened, view: ViewSpec) -> dict[str, pa.DataType]:
    """The Arrow types of the view's join keys in its source, under the names of requests."""
    columns = [opened.spec.column_of(key.column) for key in view.join_keys]
    if not columns:
        return {}
    empty = opened.relation.select(*opened.keys(columns)).limit(0).to_arrow_table()
    return {key.name: empty.schema.field(f"k{at}").type for at, key in enumerate(view.join_keys)}
