"""Finds whole numbers that Feast would store otherwise beside a null, where the slice has none and the source has.

A batch of an integer column with a null is floats to Feast (`utils.py`, `_convert_arrow_fv_to_proto`): digits beyond
2^53 go, and text gets a decimal point. Which rows share a batch is the job's matter, so a check can only say so.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from skewguard.model import ViewSpec
from skewguard.reading import Opened

WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
ROLE = "column behind a feature"
BEYOND = {"Int64": 2**53, "String": -1}  # a value whose size is beyond it is stored otherwise
EXAMPLES = {"Int64": "digits beyond 2^53 are lost", "String": "3 is stored as the text 3.0"}


def changed_beside_nulls(opened: Opened, view: ViewSpec, out: Path) -> dict[str, str]:
    """What would become of the sampled values of which features. The slice of `opened` was written to `out`."""
    columns = {each: opened.spec.column_of(each.name) for each in view.features if each.dtype in BEYOND}
    columns = {each: name for each, name in columns.items() if opened.type_of(name) in WHOLE}
    largest = _largest(out) if columns else {}
    return {
        each.name: EXAMPLES[each.dtype]
        for each, name in columns.items()
        if largest.get(name, -1) > BEYOND[each.dtype] and _has_null(opened, name)
    }


def _largest(out: Path) -> dict[str, int]:
    """The size of the largest whole number of each column without a null, as the file's own statistics have it."""
    parts = pq.read_metadata(out)
    found: dict[str, int] = {}
    with_null = set()
    for group in range(parts.num_row_groups):
        for at in range(parts.num_columns):
            part = parts.row_group(group).column(at)
            known = part.statistics
            if known is None or known.null_count:
                with_null.add(part.path_in_schema)
            elif known.has_min_max and isinstance(known.max, int):
                size = max(abs(known.min), abs(known.max))
                found[part.path_in_schema] = max(size, found.get(part.path_in_schema, 0))
    return {name: size for name, size in found.items() if name not in with_null}


def _has_null(opened: Opened, name: str) -> bool:
    return len(opened.relation.filter(opened.column(name, ROLE).isnull()).limit(1)) > 0
