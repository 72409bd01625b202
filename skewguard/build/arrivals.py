"""Events that are pushed before they are in the source: joined to its history, each counted once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from skewguard import sql
from skewguard.build.compute import compute_rows
from skewguard.definition import BatchTransform
from skewguard.errors import near
from skewguard.errors.definition import PushError
from skewguard.reading import Opened

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
POSITION = "\0position"  # no column of Feast's can have this name


def newest_rows(
    connection: sql.Connection,
    transform: BatchTransform,
    opened: Mapping[str, Opened],
    events: Mapping[str, pa.Table],
    *,
    as_of: datetime,
) -> pa.Table:
    """The newest feature row at or before `as_of` of each entity that `events` touch.

    `events` maps parameters to new events, in the columns of the sources. History is read from the sources within
    the lookback; an event that is there already is not counted twice. Events of a table that lacks the entity's keys
    touch every entity. Errors: PushError and those of compute_rows.
    """
    joined, keys, firsts = dict(opened), [], []
    for name, given in events.items():
        if name not in opened:
            raise PushError(transform.path, f"it takes no events called {name!r}.", next_step=near(name, opened))
        pushed = _pushed(connection, transform, opened[name], name, given)
        first = _first(transform, opened[name], pushed)
        joined[name] = _joined(connection, opened[name], name, pushed, first)
        firsts.append(first)
        keys.append(_keys(transform, opened[name], pushed))
    if not firsts:
        raise PushError(transform.path, "no events were given.")
    known = [each for each in keys if each is not None]
    rows = compute_rows(transform, joined, since=min(firsts), keys=pa.concat_tables(known) if known else None)
    until = pa.scalar(as_of, rows[transform.timestamp].type)
    return newest(transform, rows.filter(pc.less_equal(rows[transform.timestamp], until)))


def newest(transform: BatchTransform, rows: pa.Table) -> pa.Table:
    """The last row of each entity; rows come sorted by time and created time."""
    numbered = rows.append_column(POSITION, pa.array(range(rows.num_rows), pa.int64()))
    last = numbered.group_by(list(transform.entity)).aggregate([(POSITION, "max")])
    return rows.take(last[f"{POSITION}_max"]).sort_by([(key, "ascending") for key in transform.entity])


def _pushed(
    connection: sql.Connection, transform: BatchTransform, opened: Opened, name: str, given: pa.Table
) -> sql.Relation:
    """The given events under the names and types that their columns have in the source."""
    unknown = [each for each in given.column_names if each not in opened.names]
    if unknown:
        what = f"the events of {name!r} have a column {unknown[0]!r} that their source has not."
        raise PushError(transform.path, what, next_step=near(unknown[0], opened.names))
    if opened.spec.timestamp_column not in given.column_names:
        what = f"the events of {name!r} lack the column {opened.spec.timestamp_column!r}, which says when."
        raise PushError(transform.path, what, next_step=near(opened.spec.timestamp_column, given.column_names))
    raw = connection.from_arrow(_microseconds(given))
    types = dict(zip(opened.relation.columns, opened.relation.types, strict=True))
    columns = [
        sql.column(name).cast(types[duck]).alias(duck)
        for name, duck in opened.names.items()
        if name in given.column_names
    ]
    table = f"pushed {name}"
    try:
        sql.keep(connection, table, raw.select(*columns))
    except sql.Error as problem:
        what = f"the events of {name!r} do not have the types of their source: {problem}"
        raise PushError(transform.path, what) from problem
    return connection.table(sql.quoted(table))


def _microseconds(given: pa.Table) -> pa.Table:
    """DuckDB cannot cast every time in nanoseconds (FEAST.md 1.1)."""
    fields = [
        field.with_type(pa.timestamp("us", field.type.tz)) if pa.types.is_timestamp(field.type) else field
        for field in given.schema
    ]
    return given.cast(pa.schema(fields), safe=False)


def _first(transform: BatchTransform, opened: Opened, pushed: sql.Relation) -> datetime:
    spec = opened.spec
    if not spec.timestamp_column:
        raise PushError(transform.path, f"its table {spec.name!r} has no event time: there is nothing to push to it.")
    event = replace(opened, relation=pushed).microseconds(spec.timestamp_column, "event time")
    ((first,),) = pushed.aggregate([sql.function("min", event)]).fetchall()
    if first is None:
        raise PushError(transform.path, f"no event of {spec.name!r} has an event time.")
    return EPOCH + timedelta(microseconds=first)


def _joined(connection: sql.Connection, opened: Opened, name: str, pushed: sql.Relation, first: datetime) -> Opened:
    """The source with those of the pushed events that it does not have yet; what they do not say of theirs is null.

    The source may have columns of its own, filled in on the way there, so events are compared by those they have.
    """
    event = opened.time(opened.spec.timestamp_column, "event time")
    history = opened.relation.filter(event >= sql.constant(opened.instant(first)))
    sql.bind(connection, "history", history.select(*(sql.column(duck) for duck in pushed.columns)))
    sql.bind(connection, "pushed", pushed)
    new = f"new {name}"
    sql.keep(connection, new, sql.run(connection, __package__, "arrivals"))
    types = dict(zip(opened.relation.columns, opened.relation.types, strict=True))
    known = {duck: sql.column(duck) for duck in pushed.columns}
    columns = [known.get(duck, sql.constant(None).cast(types[duck]).alias(duck)) for duck in opened.relation.columns]
    return replace(opened, relation=opened.relation.union(connection.table(sql.quoted(new)).select(*columns)))


def _keys(transform: BatchTransform, opened: Opened, pushed: sql.Relation) -> pa.Table | None:
    """The entities that the events name; None where their table does not name any."""
    mapped = {opened.spec.field_mapping.get(name, name): duck for name, duck in opened.names.items()}
    if not set(transform.entity) <= set(mapped):
        return None
    columns = [sql.column(mapped[key]).alias(key) for key in transform.entity]
    keys: pa.Table = pushed.select(*columns).distinct().to_arrow_table()
    return keys.drop_null()
