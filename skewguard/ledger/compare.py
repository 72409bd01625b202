"""Two runs beside each other: what is newly skewed, fixed, or still so, by feature and by cell."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from skewguard import sql
from skewguard.ledger.file import PACKAGE

CHANGES = ("new", "persisting", "fixed", "not_compared")


def compare_runs(connection: duckdb.DuckDBPyConnection, before: str, after: str) -> tuple[pa.Table, pa.Table]:
    """The features of two runs, given by id, and their skewed cells (the columns of the two compare_*.sql).

    Of each feature also the cells by change: columns `new`, `persisting`, `fixed`, `not_compared`.
    """
    ids = {"before": before, "after": after}
    features = connection.sql(sql.text(PACKAGE, "compare_features"), params=ids).to_arrow_table()
    cells = connection.sql(sql.text(PACKAGE, "compare_cells"), params=ids).to_arrow_table()
    counted: dict[tuple[str, str], int] = {}
    grouped = cells.group_by(["feature", "change"]).aggregate([([], "count_all")])
    for row in grouped.to_pylist():
        counted[row["feature"], row["change"]] = row["count_all"]
    names = features["feature"].to_pylist()
    for change in CHANGES:
        counts = [counted.get((name, change), 0) for name in names]
        features = features.append_column(change, pa.array(counts, pa.int64()))
    return features, cells
