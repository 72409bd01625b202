"""Makes an Arrow column one that DuckDB reads: types that it lacks become their like, or the text of their values."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from skewguard.equality.show import texts_of

_SURE = (
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_boolean,
    pa.types.is_string,
    pa.types.is_binary,
    pa.types.is_timestamp,
    pa.types.is_null,
)


def readable(connection: duckdb.DuckDBPyConnection, column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """A column of a type that DuckDB has; of one that it has not, as text."""
    if pa.types.is_float16(column.type):
        return column.cast(pa.float32())
    if pa.types.is_dictionary(column.type):
        return column.cast(column.type.value_type)
    if any(is_type(column.type) for is_type in _SURE):
        return column
    # Only reading tells whether DuckDB takes it all: the keys of a map may repeat.
    probe = column if pa.types.is_nested(column.type) else column.slice(0, 0)
    try:
        if not _clashes(column.type):
            connection.from_arrow(pa.table({"value": probe})).to_arrow_table()
            return column
    except duckdb.Error:
        pass
    return texts_of(column)


def _clashes(arrow_type: pa.DataType) -> bool:
    """Whether fields of a struct anywhere inside have names that DuckDB cannot tell apart: it ignores case."""
    inner = [arrow_type.field(i) for i in range(arrow_type.num_fields)]
    names = {field.name.casefold() for field in inner}
    return (pa.types.is_struct(arrow_type) and len(names) < len(inner)) or any(_clashes(each.type) for each in inner)
