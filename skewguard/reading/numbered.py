"""Numbers the rows of a slice, so that what is found in narrow columns can be read in the wide ones."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from skewguard import sql
from skewguard.reading.opened import Opened


def numbered_rows(connection: sql.Connection, opened: Opened) -> tuple[sql.Relation, sql.Expression]:
    """The slice with a number for each row; from memory where a column of its own has the name of DuckDB's."""
    number = "file_row_number"
    if number not in map(str.lower, opened.names):
        numbered = connection.read_parquet(opened.spec.path, file_row_number=True, hive_partitioning=False)
        return numbered, sql.column(number).alias("position")
    table = pq.read_table(opened.spec.path)
    numbered = connection.from_arrow(table.append_column("\x1f", pa.array(range(len(table)), pa.int64())))
    return numbered, sql.column("\x1f").alias("position")
