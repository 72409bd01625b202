"""What a batch transform's event tables are, and some real events of them, read from their opened sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pyarrow as pa

from skewguard import sql
from skewguard.contract import Contract
from skewguard.definition import BatchTransform
from skewguard.proofs.batch_code import EventTable
from skewguard.proofs.calls import Row
from skewguard.proofs.subject import InputColumn
from skewguard.reading import Opened

ENTITIES = 12
MOST_EVENTS = 400
MOST_OF_CALENDAR = 2000
SPANS = 4
USUAL_SPAN = timedelta(days=10)
LONGEST_SPAN = timedelta(days=7300)  # a lookback may be a way to say "all", which no calendar holds several times


def event_tables(transform: BatchTransform, opened: Mapping[str, Opened]) -> tuple[EventTable, ...]:
    """The event tables of a decorated transform, by their opened sources."""
    return tuple(event_table(parameter, opened[parameter]) for parameter in transform.parameters)


def event_table(parameter: str, opened: Opened) -> EventTable:
    """The columns of one opened source, under the names that a transform sees."""
    spec = opened.spec
    schema = _renamed(opened).limit(0).to_arrow_table().schema
    nullable = {spec.field_mapping.get(each.name, each.name): each.nullable for each in opened.schema}
    return EventTable(
        name=parameter,
        columns=tuple(input_column(field, nullable=nullable.get(field.name, True)) for field in schema),
        timestamp=_mapped(opened, spec.timestamp_column) if spec.timestamp_column else "",
        created=_mapped(opened, spec.created_column) if spec.created_column else None,
        schema=schema.serialize().to_pybytes(),
    )


def input_column(field: pa.Field, *, nullable: bool = True) -> InputColumn:
    """A column by its Arrow type; what Feast has no dtype for counts as text that is never made up."""
    return InputColumn(
        name=field.name,
        dtype=dtype_of(field.type),
        contract=Contract(nullable=None if nullable else False),
        zoned=not pa.types.is_timestamp(field.type) or field.type.tz is not None,
    )


def dtype_of(kind: pa.DataType) -> str:
    """Feast's dtype for values of an Arrow type."""
    types = pa.types
    if types.is_list(kind) or types.is_large_list(kind):
        return f"Array({dtype_of(kind.value_type)})"
    if types.is_dictionary(kind):
        return dtype_of(kind.value_type)
    known = (
        (types.is_boolean, "Bool"),
        (types.is_int64, "Int64"),
        (types.is_uint32, "Int64"),
        (types.is_uint64, "Int64"),
        (types.is_integer, "Int32"),
        (types.is_float64, "Float64"),
        (types.is_floating, "Float32"),
        (types.is_decimal, "Decimal"),
        (types.is_temporal, "UnixTimestamp"),
        (types.is_binary, "Bytes"),
        (types.is_large_binary, "Bytes"),
    )
    return next((dtype for test, dtype in known if test(kind)), "String")


def real_events(
    entity: Sequence[str],
    tables: Sequence[EventTable],
    opened: Mapping[str, Opened],
    *,
    lookback: timedelta | None,
    seed: int,
) -> dict[str, tuple[Row, ...]]:
    """Some events of a few entities from one span of time; of tables that have no entity, all rows of that span.

    The span starts at a random event and is several lookbacks long, for a window is not seen in less: where the events
    are of a longer time, it lies within that. Errors: SourceUnreadable.
    """
    random = Random(seed)
    keyed = [table for table in tables if all(table.column(key) for key in entity)]
    found: dict[str, tuple[Row, ...]] = {}
    span: tuple[datetime, datetime] | None = None
    chosen: list[dict[str, Any]] | None = None
    for table in sorted(tables, key=lambda each: each not in keyed):
        source = opened[table.name]
        with source.reading():
            relation = _renamed(source)
            if table in keyed and entity:  # a view without an entity is one itself
                chosen = chosen or _entities(relation, entity, random)
                relation = _of(relation, chosen)
            if table.timestamp and span is None:
                length = SPANS * min(lookback or USUAL_SPAN, LONGEST_SPAN)
                first = _some_time(table, source, relation, random, length)
                span = None if first is None else (first, first + length)
            found[table.name] = _inside(table, source, relation, span, random, thinned=table in keyed)
    return found


def _renamed(opened: Opened) -> sql.Relation:
    mapping = opened.spec.field_mapping
    return opened.relation.select(
        *(sql.column(duck).alias(mapping.get(name, name)) for name, duck in opened.names.items())
    )


def _mapped(opened: Opened, name: str) -> str:
    return opened.spec.field_mapping.get(name, name)


def _entities(relation: sql.Relation, keys: Sequence[str], random: Random) -> list[dict[str, Any]]:
    """Some entities, drawn by a hash of their keys that the seed moves: the same on every machine."""
    named = relation.select(*map(sql.column, keys)).distinct()
    salted = sql.function("hash", sql.constant(random.randrange(2**31)), *map(sql.column, keys))
    for key in keys:
        named = named.filter(sql.column(key).isnotnull())
    rows = named.sort(salted, *map(sql.column, keys)).limit(ENTITIES).fetchall()
    return [dict(zip(keys, row, strict=True)) for row in rows]


def _of(relation: sql.Relation, chosen: Sequence[Mapping[str, Any]]) -> sql.Relation:
    if not chosen:
        return relation.limit(0)
    wanted = None
    for entity in chosen:
        this = None
        for key, value in entity.items():
            same = sql.column(key) == sql.constant(value)
            this = same if this is None else this & same
        wanted = this if wanted is None else wanted | this
    return relation.filter(wanted)


def _some_time(
    table: EventTable, source: Opened, relation: sql.Relation, random: Random, length: timedelta
) -> datetime | None:
    """The time of a random event of those that have `length` of time after them; of the first, where none has."""
    at = sql.column(table.timestamp)
    timed = relation.filter(at.isnotnull())
    latest = _time_of(table, timed.sort(at.desc()))
    if latest is None:
        return None
    early = timed.filter(at <= sql.constant(source.instant(latest - length)))
    ((total,),) = early.aggregate([sql.function("count_star")]).fetchall()
    return _time_of(table, timed.sort(at), random.randrange(max(1, total)))


def _time_of(table: EventTable, ordered: sql.Relation, place: int = 0) -> datetime | None:
    rows = canonical(table, ordered.limit(1, place).to_arrow_table())
    return rows[0][table.timestamp] if rows else None


def _inside(
    table: EventTable,
    source: Opened,
    relation: sql.Relation,
    span: tuple[datetime, datetime] | None,
    random: Random,
    *,
    thinned: bool,
) -> tuple[Row, ...]:
    """Events of the span; of many some, drawn by a hash of what they hold, or where there may be no gaps the first."""
    columns = [sql.column(name) for name in relation.columns]
    if table.timestamp and span is not None:
        at = sql.column(table.timestamp)
        first, last = (sql.constant(source.instant(each)) for each in span)
        relation = relation.filter((at >= first) & (at <= last))
        columns = [at, *columns]
    drawn = sql.function("hash", sql.constant(random.randrange(2**31)), *columns)
    some = relation.sort(drawn).limit(MOST_EVENTS) if thinned else relation.sort(*columns).limit(MOST_OF_CALENDAR)
    return canonical(table, some.sort(*columns).to_arrow_table())


def canonical(table: EventTable, rows: pa.Table) -> tuple[Row, ...]:
    """Plain values: times in UTC to the microsecond, days of a time column as their midnight."""
    fields = [
        field.with_type(pa.timestamp("us", field.type.tz)) if pa.types.is_timestamp(field.type) else field
        for field in rows.schema
    ]
    cast = rows.cast(pa.schema(fields), safe=False)
    return tuple({name: _plain(name, value, table) for name, value in row.items()} for row in cast.to_pylist())


def _plain(name: str, value: Any, table: EventTable) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date) and name in (table.timestamp, table.created):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value
