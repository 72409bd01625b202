"""Turns the protobuf values of an online answer into Arrow columns, a column at a time.

A value becomes what it is, not what the registry declares: a Float64 that was stored when the feature was an Int64 is
still an integer here. Numbers, text, bytes, times and flat lists become the Arrow type of their protobuf field; sets
are lists; UUIDs are text; decimals are Arrow decimals; times beyond DuckDB's are whole seconds. Maps, structs and
nested lists are JSON text (`canonical`), since their values may be of any types in any row. A value is null where no
field is set, or where a time is Feast's null time.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from feast.type_map import NULL_TIMESTAMP_INT_VALUE, feast_value_type_to_python_type

from skewguard.feature_store.canonical import canonical_json

SECONDS = pa.timestamp("s", tz="UTC")
FIRST, LAST = -9_223_372_022_400, 9_223_372_036_854  # of DuckDB's times, in seconds since 1970

NUMBERS: dict[str, tuple[Any, pa.DataType]] = {
    "int32_val": (np.int32, pa.int32()),
    "int64_val": (np.int64, pa.int64()),
    "float_val": (np.float32, pa.float32()),
    "double_val": (np.float64, pa.float64()),
    "bool_val": (np.bool_, pa.bool_()),
    "unix_timestamp_val": (np.int64, SECONDS),
}
TEXTS: dict[str, pa.DataType] = {
    "string_val": pa.string(),
    "bytes_val": pa.binary(),
    "json_val": pa.string(),
    "uuid_val": pa.string(),
    "time_uuid_val": pa.string(),
    "decimal_val": pa.string(),
}
ITEMS: dict[str, pa.DataType] = {
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "string": pa.string(),
    "bytes": pa.binary(),
    "json": pa.string(),
    "uuid": pa.string(),
    "time_uuid": pa.string(),
    "decimal": pa.string(),
    "unix_timestamp": SECONDS,
}
LISTS: dict[str, pa.DataType] = {
    f"{item}_{form}_val": arrow_type for item, arrow_type in ITEMS.items() for form in ("list", "set")
}
# Fixed-width items lie in the protobuf as they lie in Arrow: an embedding need not become Python floats on its way.
PACKED: dict[str, np.dtype[Any]] = {"float": np.dtype("<f4"), "double": np.dtype("<f8")}
NESTED = frozenset(
    {"map_val", "struct_val", "map_list_val", "struct_list_val", "scalar_map_val", "list_val", "set_val"}
)


def decode(values: Sequence[Any]) -> pa.Array:
    """The Arrow array of one feature's protobuf values."""
    kind = next(filter(None, map(_kind, values)), None)
    try:
        if kind is None:
            return pa.nulls(len(values))
        if kind in NUMBERS:
            return _numbers(values, kind)
        if kind in TEXTS:
            return _texts(values, kind)
        if kind in LISTS:
            return _lists(values, kind)
    except _MixedKinds:
        pass
    return column_of(values_of(values), nested=any(_kind(value) in NESTED for value in values))


def joined(arrays: Sequence[pa.Array]) -> pa.Array:
    """Arrays of one feature, one under the other; where their types differ, as a type that holds them all."""
    types = {array.type for array in arrays if not pa.types.is_null(array.type)}
    if types == {SECONDS, pa.int64()}:
        arrays, types = [a.cast(pa.int64()) for a in arrays], {pa.int64()}
    if len(types) <= 1:
        arrow_type = types.pop() if types else pa.null()
        return pa.concat_arrays([a if a.type == arrow_type else pa.nulls(len(a), arrow_type) for a in arrays])
    # JSON text stands for nested values, so text beside anything else stays text.
    objects = list(chain.from_iterable(array.to_pylist() for array in arrays))
    return column_of(objects)


def values_of(values: Iterable[Any]) -> list[Any]:
    """Python objects as Feast makes them for a caller; UUIDs as text."""
    objects = (feast_value_type_to_python_type(value) for value in values)
    return [str(each) if isinstance(each, UUID) else each for each in objects]


def column_of(objects: Sequence[Any], *, nested: bool = False) -> pa.Array:
    """An Arrow array of any Python objects; as JSON text where `nested`, or where no Arrow type holds them all."""
    if not nested:
        try:
            return pa.array(objects, from_pandas=False)
        except (pa.ArrowException, OverflowError, TypeError, ValueError):
            pass
    return pa.array([None if each is None else canonical_json(each) for each in objects], pa.string())


class _MixedKinds(Exception):
    """The values of one column are set in more than one protobuf field."""


def _kind(value: Any) -> str | None:
    kind: str | None = value.WhichOneof("val")
    return None if kind == "null_val" else kind


def _unset(values: Sequence[Any], suspects: Iterable[int], kind: str) -> list[int]:
    """Which of the suspects (cells that read as the field's default) are null; other fields mean mixed kinds."""
    unset = []
    for position in suspects:
        found = _kind(values[position])
        if found is None:
            unset.append(position)
        elif found != kind:
            raise _MixedKinds
    return unset


def _mask(size: int, nulls: Sequence[int]) -> Any:
    mask = np.zeros(size, dtype=bool)
    mask[nulls] = True
    return mask


def _numbers(values: Sequence[Any], kind: str) -> pa.Array:
    dtype, arrow_type = NUMBERS[kind]
    # A cell of another field, or of none, reads as 0: only zeros need the slower question.
    cells = np.fromiter(map(operator.attrgetter(kind), values), dtype, len(values))
    mask = _mask(len(values), _unset(values, np.flatnonzero(cells == 0).tolist(), kind))
    if kind == "unix_timestamp_val":
        mask |= cells == NULL_TIMESTAMP_INT_VALUE
        return _times(pa.array(np.where(mask, 0, cells), pa.int64(), mask=mask))
    return pa.array(cells, arrow_type, mask=mask, from_pandas=False)


def _texts(values: Sequence[Any], kind: str) -> pa.Array:
    cells: list[Any] = list(map(operator.attrgetter(kind), values))
    for position in _unset(values, [i for i, cell in enumerate(cells) if not cell], kind):
        cells[position] = None
    if kind in ("uuid_val", "time_uuid_val"):
        cells = [cell and _uuid_text(cell) for cell in cells]
    if kind == "decimal_val":
        return _decimals(cells)
    return pa.array(cells, TEXTS[kind])


def _uuid_text(text: str) -> str:
    # Feast serves a uuid.UUID, whose text is lower case with hyphens however it was written.
    try:
        return str(UUID(text))
    except ValueError:
        return text


def _decimals(cells: Sequence[str | None]) -> pa.Array:
    try:
        return pa.array([None if cell is None else Decimal(cell) for cell in cells])
    except (pa.ArrowException, InvalidOperation, ValueError):
        return pa.array(cells, pa.string())


def _lists(values: Sequence[Any], kind: str) -> pa.Array:
    messages = [getattr(value, kind) for value in values]
    lengths = np.fromiter((len(message.val) for message in messages), np.int64, len(messages))
    nulls = _unset(values, np.flatnonzero(lengths == 0).tolist(), kind)
    item = kind.removesuffix("_val").rpartition("_")[0]
    flat = _packed_items(messages, lengths, PACKED[item]) if item in PACKED else _items(messages, item)
    offsets = pa.array(np.concatenate(([0], np.cumsum(lengths))), pa.int32())
    return pa.ListArray.from_arrays(offsets, flat, mask=pa.array(_mask(len(messages), nulls)))


def _packed_items(messages: Sequence[Any], lengths: Any, dtype: np.dtype[Any]) -> pa.Array:
    """All items of all lists: in each message they are its last bytes, after a tag and a length."""
    sizes = (lengths * dtype.itemsize).tolist()
    written = (message.SerializeToString() for message in messages)
    packed = b"".join(text[-size:] if size else b"" for text, size in zip(written, sizes, strict=True))
    return pa.array(np.frombuffer(packed, dtype), from_pandas=False)


def _items(messages: Sequence[Any], item: str) -> pa.Array:
    items: Any = list(chain.from_iterable(message.val for message in messages))
    if item in ("uuid", "time_uuid"):
        items = [_uuid_text(each) for each in items]
    if item != "unix_timestamp":
        return pa.array(items, ITEMS[item], from_pandas=False)
    seconds = pa.array(items, pa.int64())
    return _times(pc.if_else(pc.equal(seconds, int(NULL_TIMESTAMP_INT_VALUE)), None, seconds))


def _times(seconds: pa.Array) -> pa.Array:
    """Times; whole numbers where one is too far off, as nanoseconds are that were taken for seconds."""
    reachable = pc.and_(pc.greater_equal(seconds, FIRST), pc.less_equal(seconds, LAST))
    return seconds if pc.any(pc.invert(reachable)).as_py() else seconds.cast(SECONDS)
