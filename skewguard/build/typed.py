"""What a batch transform returned, at the declared types: nothing is cut, and what cannot be served is refused."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from skewguard import dtypes
from skewguard.definition import BatchTransform
from skewguard.dtypes import Dtype, Family
from skewguard.errors.definition import OutputError, TiedOutputError

INSTANT = pa.timestamp("us", tz="UTC")
FEW = 10_000  # rows
SIMPLE = {
    "Bool": pa.bool_(),
    "Decimal": pa.string(),
    "Float32": pa.float32(),
    "Float64": pa.float64(),
    "Int32": pa.int32(),
    "Int64": pa.int64(),
    "Json": pa.string(),
    "Map": pa.map_(pa.string(), pa.string()),
    "String": pa.string(),
    "TimeUuid": pa.string(),
    "UnixTimestamp": INSTANT,
    "Uuid": pa.string(),
    "ZonedTimestamp": INSTANT,
}


def arrow_type(dtype: Dtype) -> pa.DataType:
    """The type of a feature in a built table."""
    match dtype.family:
        case Family.ARRAY | Family.SET:
            assert dtype.element is not None
            return pa.list_(arrow_type(dtype.element))
        case Family.STRUCT:
            return pa.struct([pa.field(name, arrow_type(each)) for name, each in dtype.fields])
        case _:
            return SIMPLE.get(dtype.name, pa.binary())


def typed_rows(transform: BatchTransform, rows: pa.Table) -> pa.Table:
    """Keys, time, created time and features, in that order of columns and sorted by time, key and created time."""
    columns: dict[str, Any] = {}
    for key in transform.entity:
        declared = transform.entity_dtypes.get(key)
        wanted = _key_type(rows[key].type) if declared is None else arrow_type(dtypes.parse(declared))
        columns[key] = _cast(transform, key, rows[key], wanted)
    columns[transform.timestamp] = _instants(transform, transform.timestamp, rows[transform.timestamp])
    created = transform.created if transform.created is not None else transform.timestamp
    columns[transform.created_column] = _instants(transform, created, rows[created])
    for feature in transform.features:
        columns[feature.name] = _cast(transform, feature.name, rows[feature.name], arrow_type(_parsed(feature)))
    table = pa.table(columns)
    order = [transform.timestamp, *transform.entity, transform.created_column]
    _require_served(transform, table, order)
    return table.sort_by([(name, "ascending") for name in order])


def _parsed(feature: Any) -> Dtype:
    return dtypes.parse(feature.dtype)


def _key_type(given: pa.DataType) -> pa.DataType:
    given = given.value_type if pa.types.is_dictionary(given) else given
    return pa.string() if pa.types.is_large_string(given) or pa.types.is_null(given) else given


def _instants(transform: BatchTransform, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Microseconds in UTC; a time without a zone is in UTC, as for Feast; finer parts are cut off."""
    if pa.types.is_date(column.type) or pa.types.is_null(column.type):  # a frame of no rows has no types
        column = column.cast(pa.timestamp("us"))
    if not pa.types.is_timestamp(column.type):
        raise OutputError(transform.path, f"{name} as {column.type}, which is not a time.")
    cut = pc.floor_temporal(column, unit="microsecond") if column.type.unit == "ns" else column
    return cut.cast(pa.timestamp("us", tz=column.type.tz)).cast(INSTANT)


def _cast(transform: BatchTransform, name: str, column: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    given = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if column.type != given:
        column = column.cast(given)
    if pa.types.is_floating(given):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, given), column)  # one form of null
    if column.null_count == len(column):  # what holds no value may be of any type
        return pa.chunked_array([pa.nulls(len(column), wanted)])
    if not _kin(given, wanted):
        raise OutputError(transform.path, f"{name} as {given} where {wanted} is declared.")
    if wanted == INSTANT and (pa.types.is_timestamp(given) or pa.types.is_date(given)):
        return _instants(transform, name, column)
    try:
        cast = column.cast(wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as problem:
        raise OutputError(transform.path, f"{name} as {given}, not all of which fits {wanted}: {problem}.") from problem
    if wanted == pa.float32() and _count(pc.is_inf(cast)) != _count(pc.is_inf(column.cast(pa.float64()))):
        raise OutputError(transform.path, f"{name} with a number too large for Float32.")
    return cast


def _count(flags: Any) -> int:
    return pc.sum(flags).as_py() or 0


def _kin(given: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether a cast converts the form of a value and not its meaning: "1.5" is no number, 1 is not True."""
    groups = (_is_number, pa.types.is_boolean, _is_text, _is_binary, pa.types.is_temporal, pa.types.is_nested)
    return pa.types.is_null(given) or any(group(given) and group(wanted) for group in groups)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _require_served(transform: BatchTransform, table: pa.Table, identity: list[str]) -> None:
    """No null in a key or time (Feast's materialization aborts on it), and no tie (each side would take another)."""
    for name in identity:
        if table[name].null_count:
            what = f"{table[name].null_count} rows without {name}."
            raise OutputError(transform.path, what, next_step="Leave such rows out.")
    grouped = table.select(identity).group_by(identity, use_threads=table.num_rows > FEW)  # for few it takes longer
    counted = grouped.aggregate([([], "count_all")])
    tied = counted.filter(pc.greater(counted["count_all"], 1))
    if tied.num_rows:
        row = {name: str(value) for name, value in tied.select(identity).slice(0, 1).to_pylist()[0].items()}
        what = f"{tied.num_rows} times several rows for one entity at one time, for example {row}."
        step = "Return one row per entity and time; or let `created` tell which came last."
        raise TiedOutputError(transform.path, what, next_step=step)
