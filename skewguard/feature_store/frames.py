"""Says where the pandas frame of a training set differs from its Arrow table, without asking Feast a second time.

`RetrievalJob.to_df()` is `to_arrow().to_pandas()` (pinned by a test), so the difference is that conversion's alone:
pandas holds whole numbers beside nulls as floats, which have no digits to spare beyond 2^53.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

EXACT = 2**53


def frame_notes(ref: str, column: pa.Array) -> list[str]:
    """A note when `to_df()` gives other values than `to_arrow()` for this column; none otherwise."""
    count = _changed(column)
    if not count:
        return []
    return [
        f"{ref}: to_df() changes {count:,} of {len(column):,} values that to_arrow() returns: "
        "beside nulls, pandas holds whole numbers as floats and drops digits beyond 2^53"
    ]


def _changed(column: pa.Array) -> int:
    if _wide(column.type):
        return _rounded(column) if column.null_count else 0
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        if not _wide(column.type.value_type) or not column.flatten().null_count:
            return 0
        return sum(_rounded_in_list(cell) for cell in column if cell.is_valid and cell.values is not None)
    return 0


def _wide(arrow_type: pa.DataType) -> bool:
    return bool(pa.types.is_int64(arrow_type) or pa.types.is_uint64(arrow_type))


def _rounded(column: pa.Array) -> int:
    """How many values a float does not hold. Casting back would overflow at the edge of int64, hence Python's ints."""
    wide = column.filter(pc.greater(column, EXACT))
    if pa.types.is_int64(column.type):
        wide = pa.concat_arrays([wide, column.filter(pc.less(column, -EXACT))])
    return sum(int(float(value)) != value for value in wide.to_pylist() if value is not None)


def _rounded_in_list(cell: pa.ListScalar) -> bool:
    return bool(cell.values.null_count and _rounded(cell.values))
