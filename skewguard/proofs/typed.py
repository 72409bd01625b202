"""Rows as the table that an offline store hands over: Arrow, typed by declaration, as either store types it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from skewguard import dtypes
from skewguard.dtypes import Dtype, Family
from skewguard.proofs.calls import Path, Row
from skewguard.proofs.subject import InputColumn

if TYPE_CHECKING:
    import pyarrow as pa


def offline_table(columns: Sequence[InputColumn], rows: Sequence[Row], path: Path) -> pa.Table:
    """Dask holds everything in pandas: whole numbers beside a null become floats, and NaN is null."""
    import pyarrow as pa

    arrays = {each.name: _column(each, [row[each.name] for row in rows], path) for each in columns}
    return pa.table(arrays)


def _column(column: InputColumn, values: list[Any], path: Path) -> Any:
    import pyarrow as pa

    dtype = _parsed(column.dtype)
    wanted = arrow_type(dtype, zoned=column.zoned)
    made = [_as_stored(value, dtype, column.zoned) for value in values]
    array = pa.array(made, wanted, from_pandas=path is Path.DASK)
    if path is Path.DASK and dtype.family in (Family.INTEGER, Family.BOOL) and array.null_count:
        return pa.array(array.to_pandas(), from_pandas=True)
    return array


_parsed = cache(dtypes.parse)


def _as_stored(value: Any, dtype: Dtype, zoned: bool) -> Any:
    if value is None:
        return None
    match dtype.family:
        case Family.TIMESTAMP if not zoned:
            return value.replace(tzinfo=None)
        case Family.MAP:
            return list(value.items())
        case Family.SET:
            return sorted(value)
        case Family.JSON:
            return value if isinstance(value, str) else json.dumps(value)
        case Family.DECIMAL:
            return str(value)
    return value


def arrow_type(dtype: Dtype, *, zoned: bool = True) -> pa.DataType:
    """What a Parquet file of values declared so holds."""
    import pyarrow as pa

    match dtype.family:
        case Family.INTEGER:
            return pa.int32() if dtype.name == "Int32" else pa.int64()
        case Family.FLOAT:
            return pa.float32() if dtype.name == "Float32" else pa.float64()
        case Family.BOOL:
            return pa.bool_()
        case Family.BYTES:
            return pa.binary()
        case Family.TIMESTAMP:
            return pa.timestamp("us", tz="UTC" if zoned else None)
        case Family.MAP:
            return pa.map_(pa.string(), pa.string())
        case Family.STRUCT:
            return pa.struct([pa.field(name, arrow_type(each)) for name, each in dtype.fields])
        case Family.ARRAY | Family.SET:
            assert dtype.element is not None
            return pa.list_(arrow_type(dtype.element))
        case _:
            return pa.string()
