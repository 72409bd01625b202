"""The types of a slice: the source's own, as an Arrow reader such as Feast sees them, not DuckDB's idea of them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence

import pyarrow as pa

from skewguard.errors.source import SourceTypeNotReadable
from skewguard.reading import Opened

PANDAS = b"pandas"


def slice_schema(
    opened: Opened, needed: Sequence[str], *, all_columns: bool
) -> tuple[list[str], pa.Schema, tuple[str, ...]]:
    """The columns of a slice, their schema, and notes on what it hides. A needed column that DuckDB alters is an error.

    Event and created times keep their zone and lose what is finer than a microsecond: neither the comparison nor the
    online store looks closer, and Feast's duckdb store fails on nanoseconds with a zone.
    """
    spec, fields, notes = opened.spec, [], []
    read = opened.relation.limit(0).to_arrow_table().schema
    for name in opened.names if all_columns else needed:
        field = opened.schema.field(name).with_nullable(True)
        if name in (spec.timestamp_column, spec.created_column) and _nanoseconds(field.type):
            field = field.with_type(pa.timestamp("us", field.type.tz))
        held = read.field(opened.names[name]).type
        if not _restores(held, field.type):
            if name in needed:
                raise SourceTypeNotReadable(spec.name, spec.path, name, str(field.type))
            notes.append(
                f"the transform was not given {name!r} of source {spec.name!r}: DuckDB cannot read {field.type}"
            )
            continue
        fields.append(field)
    names = [field.name for field in fields]
    return names, pa.schema(fields, metadata=_metadata(opened.schema, names)), tuple(notes)


def as_stored(column: pa.Array, wanted: pa.DataType) -> pa.Array:
    """A column that DuckDB returned, in the type that the source has for it. All these casts are exact."""
    if column.type == wanted:
        return column
    if getattr(wanted, "extension_name", "") == "arrow.uuid":
        storage = [None if value is None else uuid.UUID(value).bytes for value in column.to_pylist()]
        return pa.ExtensionArray.from_storage(wanted, pa.array(storage, wanted.storage_type))
    if isinstance(wanted, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(wanted, as_stored(column, wanted.storage_type))
    if pa.types.is_dictionary(wanted):
        return column.cast(wanted.value_type).dictionary_encode().cast(wanted)
    if pa.types.is_timestamp(wanted) and wanted.tz is None:
        return column.cast(pa.timestamp("us"), safe=False).cast(wanted, safe=False)
    return column.cast(wanted, safe=False)


def _restores(held: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether DuckDB's type for a column can be turned back into the source's. It has no decimal beyond 38 digits."""
    if pa.types.is_decimal256(wanted) and wanted.precision > 38:
        return False
    try:
        as_stored(pa.array([], held), wanted)
    except (pa.ArrowException, TypeError):
        return False
    return True


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
