"""From when on an entity is there to be asked for: its first event."""

from __future__ import annotations

import pyarrow as pa

from skewguard import sql
from skewguard.model import ViewSpec
from skewguard.reading import Opened


def first_events(connection: sql.Connection, opened: Opened, view: ViewSpec, rows: pa.Table) -> pa.Array:
    """For each of `rows`, which hold the join keys of `view` under the names of requests, its first event.

    In microseconds since 1970; null for an entity that the source has no event of.
    """
    columns = [opened.spec.column_of(key.column) for key in view.join_keys]
    names = [f"k{at}" for at in range(len(columns))]
    event_time = opened.time(opened.spec.timestamp_column, "event timestamp").alias("event_time")
    keyed = sql.constant(True).alias("k")  # so that the natural join has a column without join keys too
    sql.bind(connection, "first_source", opened.relation.select(keyed, *opened.keys(columns), event_time))
    place = pa.array(range(rows.num_rows), pa.int64())
    table = pa.table([place, *(rows[key.held] for key in view.join_keys)], names=["place", *names])
    asked = connection.from_arrow(table)
    sql.keep(connection, "first_asked", asked.select(sql.column("place"), keyed, *opened.asked(asked, columns)))
    with opened.reading():
        found = sql.run(connection, __package__, "first_events").to_arrow_table()
    return found["first_us"].combine_chunks()
