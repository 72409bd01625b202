"""Names the cause of skewed cells of feature, batch and stream views: the first in the list whose test fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from skewguard import sql
from skewguard.causes.case import NAMED, StoredCase, named
from skewguard.causes.stored_events import INSTANT, bind_events, bind_rows
from skewguard.causes.stored_values import bind_values
from skewguard.model import Cause

KINDS = ("mismatch", "missing_online", "missing_offline")
# The order of INTERFACE.md section 6. Each is a question of its own: stored_<cause>.sql.
CAUSES = (
    Cause.OFFLINE_DROPPED,
    Cause.TRANSFORM_VERSION,
    Cause.OFFLINE_ENGINE,
    Cause.BATCH_TRANSFORM_BYPASSED,
    Cause.NEVER_MATERIALIZED,
    Cause.KEY_ENCODING,
    Cause.FEATURE_ADDED_LATER,
    Cause.NOT_YET_MATERIALIZED,
    Cause.BEFORE_FIRST_WINDOW,
    Cause.MATERIALIZATION_GAP,
    Cause.LATE_ARRIVAL,
    Cause.OLDER_WRITE_WON,
    Cause.TTL_NOT_ENFORCED,
    Cause.FUTURE_ONLINE,
    Cause.ONLINE_ONLY_PUSH,
    Cause.DELETED_UPSTREAM,
    Cause.STALE_ONLINE,
    Cause.TIE_BREAK,
    Cause.PRECISION,
    Cause.REWRITTEN_HISTORY,
)
# Asked of what not even a pattern explains.
LAST_CAUSES = (Cause.KEY_EXPIRED, Cause.DTYPE_CHANGED)
# Proved by the time of the online row: that the source has no such event.
BY_TIME_ALONE = [
    str(each) for each in (Cause.OLDER_WRITE_WON, Cause.FUTURE_ONLINE, Cause.ONLINE_ONLY_PUSH, Cause.DELETED_UPSTREAM)
]
CELL = ["row_id", "position"]
MOST_CELLS = 300_000  # looked at together: each takes about a kilobyte while it is
RETYPED = pa.schema(
    {"row_id": pa.int64(), "position": pa.int32(), "stored_as": pa.string(), "declared_as": pa.string()}
)


def name_view_causes(connection: sql.Connection, case: StoredCase) -> pa.Table:
    """A table of NAMED for the cells of `case` that a cause explains; the others are not in it."""
    answers = [named([])]
    for portion in _portions(case):
        found = _named_in_order(connection, portion)
        answers.append(_without_times(connection, portion, found) if case.doubtful else found)
    return pa.concat_tables(answers)


def _without_times(connection: sql.Connection, case: StoredCase, found: pa.Table) -> pa.Table:
    """Where an event time that may be shifted is all the proof, or proves nothing, values alone are asked first."""
    doubtful = pa.array(case.doubtful, pa.int64())
    by_time = pc.is_in(found["cause"], pa.array(BY_TIME_ALONE))
    cells = skewed_cells(case)
    cells = cells.filter(pc.is_in(cells["row_id"], doubtful))
    cells = cells.join(found.filter(pc.invert(by_time)).select(CELL), keys=CELL, join_type="left anti")
    if not len(cells):
        return found
    place = case.online.table.column_names.index("event_timestamp")
    untold = case.online.table.set_column(place, "event_timestamp", pa.nulls(len(case.online.table), INSTANT))
    again = replace(case, cells=cells, online=replace(case.online, table=untold))
    by_value = _named_in_order(connection, again)
    kept = found.join(by_value.select(CELL), keys=CELL, join_type="left anti").select(NAMED.names)
    return pa.concat_tables([kept, by_value])


def name_last_causes(connection: sql.Connection, case: StoredCase) -> pa.Table:
    """As `name_view_causes`, the causes that INTERFACE.md section 6 does not have."""
    return pa.concat_tables([named([]), *(_named_in_order(connection, each, LAST_CAUSES) for each in _portions(case))])


def _named_in_order(connection: sql.Connection, case: StoredCase, causes: Sequence[Cause] = CAUSES) -> pa.Table:
    if not _bind(connection, case):
        return named([])
    connection.execute(sql.text(__package__, "stored_named"))
    for cause in causes:
        sql.bind(connection, "cause_found", sql.run(connection, __package__, f"stored_{cause}"))
        connection.execute(sql.text(__package__, "stored_name"), {"cause": str(cause)})
    return _found(connection)


def name_remembered_causes(connection: sql.Connection, case: StoredCase, seen: pa.Table) -> pa.Table:
    """As `name_view_causes`, on what earlier runs saw: row_id, position, and the columns of the ledger's `diffs`."""
    if not _bind(connection, case):
        return named([])
    moments = seen["source_event_timestamp"].cast(INSTANT).cast(pa.int64())
    columns = {"event_us": moments, "seen": seen["source_value"], "seen_number": seen["source_number"]}
    table = pa.table({**{name: seen[name] for name in (*CELL, "run_id")}, **columns})
    sql.keep(connection, "cause_remembered", connection.from_arrow(table))
    connection.execute(sql.text(__package__, "stored_named"))
    sql.bind(connection, "cause_found", sql.run(connection, __package__, "stored_remembered"))
    connection.execute(sql.text(__package__, "stored_name"), {"cause": str(Cause.REWRITTEN_HISTORY)})
    return _found(connection)


def name_weak_causes(connection: sql.Connection, case: StoredCase) -> pa.Table:
    """As `name_view_causes`, on evidence so weak that a pattern over all cells is asked first: the time of a file."""
    return pa.concat_tables([named([]), *(_named_weakly(connection, each) for each in _portions(case))])


def _named_weakly(connection: sql.Connection, case: StoredCase) -> pa.Table:
    if not _bind(connection, case):
        return named([])
    connection.execute(sql.text(__package__, "stored_named"))
    sql.bind(connection, "cause_found", sql.run(connection, __package__, "stored_rewritten_file"))
    connection.execute(sql.text(__package__, "stored_name"), {"cause": str(Cause.REWRITTEN_HISTORY)})
    return _found(connection)


def _found(connection: sql.Connection) -> pa.Table:
    """What was named; all that it took is let go."""
    found = sql.run(connection, __package__, "stored_on_one_clock").to_arrow_table().cast(NAMED)
    sql.let_go(connection, "cause_")
    return found


def _portions(case: StoredCase) -> Iterator[StoredCase]:
    """The case, a few features at a time where it has very many cells: none has to do with those of another feature."""
    cells = skewed_cells(case)
    sizes = {each["values"]: each["counts"] for each in pc.value_counts(cells["position"]).to_pylist()}
    taken: list[int] = []
    for position in sorted(sizes):
        if taken and sum(sizes[each] for each in taken) + sizes[position] > MOST_CELLS:
            yield _of_positions(case, cells, taken)
            taken = []
        taken.append(position)
    if taken:
        yield _of_positions(case, cells, taken)


def _of_positions(case: StoredCase, cells: pa.Table, positions: list[int]) -> StoredCase:
    among = pc.is_in(cells["position"], pa.array(positions, cells.schema.field("position").type))
    return replace(case, cells=cells.filter(among))


def skewed_cells(case: StoredCase) -> pa.Table:
    """The cells of the kinds that these causes are about."""
    cells = case.cells
    return cells.filter(pc.and_(cells["skewed"], pc.is_in(cells["kind"], pa.array(KINDS))))


def _bind(connection: sql.Connection, case: StoredCase) -> bool:
    """Make `cause_cells` and `cause_view` readable; whether there is any skewed cell to ask about."""
    cells = skewed_cells(case)
    if not len(cells):
        return False
    row_ids = pc.unique(cells["row_id"]).cast(pa.int64())
    positions = sorted(pc.unique(cells["position"]).to_pylist())
    sql.keep(connection, "cause_skewed", connection.from_arrow(_with_dtypes(case, cells)))
    _bind_facts(connection, case)
    bind_rows(connection, case, row_ids)
    bind_events(connection, case)
    bind_values(connection, case, positions, row_ids)
    sql.keep(connection, "cause_cells", sql.run(connection, __package__, "stored_cells"))
    return True


def _with_dtypes(case: StoredCase, cells: pa.Table) -> pa.Table:
    dtypes = pa.array([feature.dtype for feature in case.view.features], pa.string())
    kept = ["row_id", "position", "kind", "blame", "source_value", "offline_value", "online_value", "online_number"]
    return cells.select(kept).append_column("dtype", dtypes.take(cells["position"].combine_chunks()))


def _bind_facts(connection: sql.Connection, case: StoredCase) -> None:
    pairs = [(row, position) for position, rows in case.facts.unwritten.items() for row in rows]
    rows, positions = zip(*pairs, strict=True) if pairs else ((), ())
    table = pa.table({"row_id": pa.array(rows, pa.int64()), "position": pa.array(positions, pa.int32())})
    sql.keep(connection, "cause_unwritten", connection.from_arrow(table))
    retyped = case.facts.retyped
    sql.keep(connection, "cause_retyped", connection.from_arrow(RETYPED.empty_table() if retyped is None else retyped))
