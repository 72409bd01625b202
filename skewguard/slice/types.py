"""The types of a slice: the source's own, as an Arrow reader such as Feast sees them, not DuckDB's idea of them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from skewguard.reading import Opened

PANDAS = b"pandas"


def slice_schema(opened: Opened, columns: Sequence[str]) -> tuple[pa.Schema, tuple[str, ...]]:
    """The schema of a slice with these columns, and notes on what it hides.

    Event and created times keep their zone and lose what is finer than a microsecond: neither the comparison nor the
    online store looks closer, and Feast's duckdb store fails on nanoseconds with a zone.
    """
    spec, fields, hidden = opened.spec, [], []
    for name in columns:
        field = opened.schema.field(name)
        if name in (spec.timestamp_column, spec.created_column) and _nanoseconds(field.type):
            if field.type.tz is not None:
                hidden.append(name)
            field = field.with_type(pa.timestamp("us", field.type.tz))
        fields.append(field.with_nullable(True))
    notes = tuple(
        f"{name!r} of source {spec.name!r} has nanoseconds and a time zone: a real `feast materialize` with the "
        "duckdb offline store fails on it (with dask it does not); the check read it in microseconds"
        for name in hidden
    )
    return pa.schema(fields, metadata=_metadata(opened.schema, columns)), notes


def as_stored(column: pa.Array, wanted: pa.DataType) -> pa.Array:
    """A column that DuckDB returned, in the type that the source has for it. All these casts are exact."""
    if column.type == wanted:
        return column
    if isinstance(wanted, pa.BaseExtensionType):
        storage = [value if value is None else _storage(value) for value in column.to_pylist()]
        return pa.ExtensionArray.from_storage(wanted, pa.array(storage, wanted.storage_type))
    if pa.types.is_dictionary(wanted):
        return column.cast(wanted.value_type).dictionary_encode().cast(wanted)
    if pa.types.is_timestamp(wanted) and wanted.tz is None:
        return column.cast(pa.timestamp("us")).cast(wanted, safe=False)
    return column.cast(wanted, safe=False)


def _storage(value: Any) -> Any:
    return uuid.UUID(value).bytes if isinstance(value, str) else value


def _nanoseconds(dtype: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(dtype) and dtype.unit == "ns")


def _metadata(schema: pa.Schema, columns: Sequence[str]) -> dict[bytes, bytes] | None:
    """What pandas noted about these columns: without it an `Int64` column would come back as float64."""
    written = (schema.metadata or {}).get(PANDAS)
    if written is None:
        return None
    try:
        noted = json.loads(written)
        kept = [each for each in noted["columns"] if each.get("field_name", each["name"]) in columns]
    except (ValueError, KeyError, TypeError):
        return None
    return {PANDAS: json.dumps({**noted, "columns": kept, "index_columns": [], "partition_columns": []}).encode()}
