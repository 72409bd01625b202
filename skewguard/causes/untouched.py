"""Finds the rows of a case whose source event some files hold: those that were not written since an instant."""

from __future__ import annotations

import pyarrow as pa

from skewguard import sql
from skewguard.causes.case import StoredCase
from skewguard.causes.stored_events import INSTANT, bind_asked, only
from skewguard.reading import Opened


def rows_in(connection: sql.Connection, case: StoredCase, opened: Opened, row_ids: pa.Array) -> pa.Table:
    """Those of `row_ids` of which `opened` holds a row of the event that the source value is of: column `row_id`."""
    assert case.source is not None
    moments = only(case.source.table, row_ids)
    columns = {"row_id": moments["row_id"], "source_us": moments["event_timestamp"].cast(INSTANT).cast(pa.int64())}
    sql.keep(connection, "cause_untouched", connection.from_arrow(pa.table(columns)))
    keys = opened.keys([opened.spec.column_of(key.column) for key in case.view.join_keys])
    event = opened.microseconds(opened.spec.timestamp_column, "event timestamp").alias("event_us")
    with opened.reading():
        sql.bind(connection, "cause_events", opened.relation.select(sql.constant(True).alias("k"), *keys, event))
        bind_asked(connection, opened, case, row_ids)
        found = sql.run(connection, __package__, "untouched").to_arrow_table()
    sql.let_go(connection, "cause_")
    return found
