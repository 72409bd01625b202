"""Takes back what the time of a file suggests, where what earlier runs saw of a cell shows that it cannot be why."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from skewguard import sql


def refuted(
    connection: sql.Connection,
    cells: pa.Table,
    seen: pa.Table,
    matched: pa.Table,
    *,
    modified_at: datetime | None,
    weak: bool,
) -> pa.Table:
    """Row id and position of those of `cells` (with `entity` and `as_of`) that no write of the source explains.

    `seen` and `matched`: what earlier live checks found in these cells. `weak`: the time of a file is all that is
    known of any of them.
    """
    for name, table in {"cells": cells, "seen": seen, "matched": matched}.items():
        sql.bind(connection, f"refuted_{name}", connection.from_arrow(table))
    # As text: DuckDB's Python parameters of times with a zone need pytz.
    moment = None if modified_at is None else modified_at.isoformat()
    found = sql.run(connection, __package__, "refuted", modified_at=moment, weak=weak).to_arrow_table()
    sql.let_go(connection, "refuted_")
    return found
