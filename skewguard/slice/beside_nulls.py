"""Finds whole numbers that Feast would store otherwise beside a null, where the slice has none and the source has.

A batch of an integer column with a null is floats to Feast (`utils.py`, `_convert_arrow_fv_to_proto`): digits beyond
2^53 go, and text gets a decimal point. Which rows share a batch is the job's matter, so a check can only say so.
"""

from __future__ import annotations

from pathlib import Path

from skewguard import sql
from skewguard.model import ViewSpec
from skewguard.reading import Opened, open_source
from skewguard.reading.binding import as_slice

WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
ROLE = "column behind a feature"
BEYOND = {"Int64": 2**53, "String": -1}  # a value whose size is beyond it is stored otherwise
EXAMPLES = {"Int64": "digits beyond 2^53 are lost", "String": "3 is stored as the text 3.0"}


def changed_beside_nulls(connection: sql.Connection, opened: Opened, view: ViewSpec, out: Path) -> dict[str, str]:
    """What would become of the sampled values of which features. The slice of `opened` was written to `out`."""
    columns = {each: opened.spec.column_of(each.name) for each in view.features if each.dtype in BEYOND}
    columns = {each: name for each, name in columns.items() if opened.type_of(name) in WHOLE}
    if not columns:
        return {}
    cut = open_source(connection, as_slice(opened.spec, out), folder=out.parent)
    asked: list[sql.Expression] = []
    for name in columns.values():
        number = cut.column(name, ROLE)
        # Of the least BIGINT there is no absolute value that is one.
        size = sql.function("abs", number.cast("HUGEINT"))
        asked += [sql.function("bool_or", number.isnull()), sql.function("max", size)]
    answers = cut.relation.aggregate([each.alias(f"a{at}") for at, each in enumerate(asked)]).fetchall()[0]
    has_null, largest = answers[::2], answers[1::2]
    return {
        each.name: EXAMPLES[each.dtype]
        for at, (each, name) in enumerate(columns.items())
        if has_null[at] is False and largest[at] > BEYOND[each.dtype] and _has_null(opened, name)
    }


def _has_null(opened: Opened, name: str) -> bool:
    return len(opened.relation.filter(opened.column(name, ROLE).isnull()).limit(1)) > 0
