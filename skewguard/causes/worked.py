"""Puts the source rows around one cell of each cause to its evidence: what `skewguard explain` works through."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from skewguard import sql
from skewguard.equality.show import texts_of
from skewguard.model import SourceSpec, ViewSpec
from skewguard.reading import Opened, open_source

NEWEST = 4  # source rows shown up to as-of, and as many of the online row's time
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
Cell = tuple[int, int]  # row_id, position


def with_source_rows(
    connection: sql.Connection,
    cells: pa.Table,
    *,
    view: ViewSpec,
    truth: SourceSpec,
    rows: pa.Table,
    facts: Mapping[str, Any],
) -> pa.Table:
    """`cells` (of settled.sql), one of each feature and cause with `source_rows` and `facts` in its evidence.

    `truth` is the source of the source values: a Parquet file with the events of the entities. `rows` are the entity
    rows. A source row has `event`, `created` where the source says, and `value`.
    """
    sql.bind(connection, "worked_settled", connection.from_arrow(cells))
    chosen = sql.run(connection, __package__, "worked_cells").to_arrow_table()
    if not chosen.num_rows:
        return cells
    events = _events(connection, view, truth, rows, chosen)
    sql.let_go(connection, "worked_")
    added = {
        (row_id, position): {"source_rows": _shown(events.get(row_id, []), position), **facts}
        for row_id, position in zip(chosen["row_id"].to_pylist(), chosen["position"].to_pylist(), strict=True)
    }
    return _with_evidence(cells, added)


def _events(
    connection: sql.Connection, view: ViewSpec, truth: SourceSpec, rows: pa.Table, chosen: pa.Table
) -> dict[int, list[dict[str, Any]]]:
    """The source rows of each chosen row, oldest first: event_us, made_us, and v0, v1, ... as text."""
    opened = open_source(connection, truth, folder=Path(truth.path).parent)
    spec = opened.spec
    created = sql.constant(None).cast("BIGINT")
    if spec.created_column:
        created = opened.microseconds(spec.created_column, "created timestamp")
    event = opened.microseconds(spec.timestamp_column, "event timestamp").alias("event_us")
    keys = opened.keys([spec.column_of(key.column) for key in view.join_keys])
    positions = sorted(set(chosen["position"].to_pylist()))
    values = [
        opened.column(spec.column_of(view.features[at].name), "column behind a feature").alias(f"v{at}")
        for at in positions
    ]
    keyed = sql.constant(True).alias("k")  # so that the natural join has a column without join keys too
    with opened.reading():
        relation = opened.relation.select(keyed, *keys, event, created.alias("made_us"), *values)
        sql.bind(connection, "worked_events", relation)
        sql.bind(connection, "worked_asked", _asked(connection, opened, view, rows, chosen))
        table = sql.run(connection, __package__, "worked_events", newest=NEWEST).to_arrow_table()
    for at in positions:
        table = table.set_column(table.column_names.index(f"v{at}"), f"v{at}", texts_of(table[f"v{at}"]))
    found: dict[int, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        found.setdefault(row["row_id"], []).append(row)
    return found


def _asked(
    connection: sql.Connection, opened: Opened, view: ViewSpec, rows: pa.Table, chosen: pa.Table
) -> sql.Relation:
    """The keys of the chosen rows in the types of the source, their instant, and the time of their online row."""
    online = chosen.group_by("row_id").aggregate([("online_event_timestamp", "max")])
    known = rows.filter(pc.is_in(rows["row_id"], online["row_id"].combine_chunks())).sort_by("row_id")
    times = online.sort_by("row_id")["online_event_timestamp_max"]
    names = [f"k{at}" for at in range(len(view.join_keys))]
    keys = known.select([key.held for key in view.join_keys]).rename_columns(names)
    for name, column in (("online_us", _microseconds(times)), ("as_of_us", _microseconds(known["as_of"]))):
        keys = keys.add_column(0, name, column)
    relation = connection.from_arrow(keys.add_column(0, "row_id", known["row_id"]))
    own = (sql.column("row_id"), sql.column("as_of_us"), sql.column("online_us"), sql.constant(True).alias("k"))
    columns = [opened.spec.column_of(key.column) for key in view.join_keys]
    return relation.select(*own, *opened.asked(relation, columns))


def _microseconds(times: pa.ChunkedArray) -> pa.ChunkedArray:
    return times.cast(pa.timestamp("us", "UTC")).cast(pa.int64())


def _shown(events: list[dict[str, Any]], position: int) -> list[dict[str, Any]]:
    return [
        {
            "event": _instant(row["event_us"]),
            **({} if row["made_us"] is None else {"created": _instant(row["made_us"])}),
            "value": row[f"v{position}"],
        }
        for row in events
    ]


def _instant(microseconds: int) -> str:
    return (BEGINNING + timedelta(microseconds=microseconds)).isoformat()


def _with_evidence(cells: pa.Table, added: Mapping[Cell, Mapping[str, Any]]) -> pa.Table:
    """`cells` with more in the evidence of some; what their cause noted comes first and stays.

    The texts of all others, of which there may be millions, are not copied.
    """
    index, texts = cells.column_names.index("evidence"), cells["evidence"]
    pieces, done = [], 0
    for at in _places(cells, added):
        place = (cells["row_id"][at].as_py(), cells["position"][at].as_py())
        text = json.dumps({**added[place], **json.loads(texts[at].as_py() or "{}")}, ensure_ascii=False)
        pieces += [*texts.slice(done, at - done).chunks, pa.array([text], texts.type)]
        done = at + 1
    column = pa.chunked_array([*pieces, *texts.slice(done).chunks], texts.type)
    return cells.set_column(index, "evidence", column)


def _places(cells: pa.Table, added: Mapping[Cell, Mapping[str, Any]]) -> list[int]:
    """Where in `cells` those of `added` are, in order."""
    rows, positions = (pa.array(sorted({place[at] for place in added}), pa.int64()) for at in (0, 1))
    likely = pc.and_(pc.is_in(cells["row_id"], rows), pc.is_in(cells["position"].cast(pa.int64()), positions))
    found = pc.indices_nonzero(likely).to_pylist()
    return [at for at in found if (cells["row_id"][at].as_py(), cells["position"][at].as_py()) in added]
