"""When the events happened that the compared rows of a view come from: rates need the rows that match as well."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from skewguard import sql
from skewguard.comparison.counted import Comparison
from skewguard.model import EventTime, Side, ViewSpec

EXPIRED = "expired_event_timestamp"


def event_times(
    connection: duckdb.DuckDBPyConnection, view: ViewSpec, source: Side | None, comparison: Comparison
) -> Iterator[EventTime]:
    """For each skewed feature of the view, its compared and skewed cells by when their source event happened.

    Rows without a source event are in none. Nothing where there is no source, or where nothing is skewed.
    """
    cells = comparison.cells
    if source is None or not pc.any(cells["skewed"]).as_py():
        return
    moment = source.table["event_timestamp"].cast(pa.timestamp("us", "UTC"))
    if EXPIRED in source.table.column_names:
        moment = pc.coalesce(moment, source.table[EXPIRED].cast(pa.timestamp("us", "UTC")))
    rows = pa.table({"row_id": source.table["row_id"], "moment": moment}).filter(pc.is_valid(moment))
    sql.bind(connection, "event_rows", connection.from_arrow(rows))
    sql.bind(connection, "event_cells", connection.from_arrow(cells.select(["row_id", "position", "kind", "skewed"])))
    found = sql.run(connection, __package__, "event_times")
    for position, begins, step, compared, skewed in found.fetchall():
        ref = view.features[position].ref
        yield EventTime(feature=ref, moment=begins, step=step, compared=compared, skewed=skewed)
