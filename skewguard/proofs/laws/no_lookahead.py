"""no_lookahead: adding or changing events after t leaves every output at or before t as it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from skewguard.proofs.batch_code import BatchCall, BatchCode, BatchExample, EventTable, Tables
from skewguard.proofs.batch_judge import found_as, parted, says, time_text
from skewguard.proofs.batch_rows import MICROSECOND, Outputs, event_times, happened, keyed, outputs, rows_until
from skewguard.proofs.batch_spread import spread
from skewguard.proofs.calls import Row
from skewguard.proofs.laws.rule import Fault, NotTried

CUTS = 2
FEW = 4
Cut = tuple[datetime, datetime]  # the last event's time, and a moment before the next


def no_lookahead(code: BatchCode, example: BatchExample) -> Fault | None:
    """At several times t, the events after t taken away, and told otherwise.

    An event that happened by t and became known later is not after t: what depends on it is known later itself.
    """
    whole = example.tables
    times = event_times(code, whole)
    cuts = [(last, following - MICROSECOND) for last, following in pairwise(times)]
    if not cuts:
        raise NotTried("all events are of one time")
    gone = _chosen(code, whole, cuts)
    altered = gone if len(gone) == len(cuts) else [gone[len(gone) // 2]]
    calls = [happened(code, whole, until=last) for last, _ in gone]
    calls += [changed(code, whole, last) for last, _ in altered]
    answers = code.ask([BatchCall(tables=tables, typed_with=whole) for tables in (whole, *calls)])
    before = outputs(code, answers[0])
    tried = 0
    for at, answer in enumerate(answers[1:]):
        last, until = [*gone, *altered][at]
        try:
            after = outputs(code, answer)
        except NotTried:
            continue
        tried += bool(rows_until(before, until) or rows_until(after, until))
        fault = _judged(code, whole, before, after, last, until, gone=at < len(gone))
        if fault is not None:
            return fault
    if not tried:
        raise NotTried("there is no output before the last event")
    return None


def _chosen(code: BatchCode, tables: Tables, cuts: list[Cut]) -> list[Cut]:
    """All where they are few; else some of all, and some right after events that hold a null."""
    if len(cuts) <= FEW:
        return cuts
    unknown = after_unknown(code, tables)
    some = [*spread(cuts, CUTS), *spread([each for each in cuts if each[0] in unknown], CUTS)]
    return list(dict.fromkeys(some))


def _judged(
    code: BatchCode,
    tables: Tables,
    before: Outputs,
    after: Outputs,
    last: datetime,
    until: datetime,
    *,
    gone: bool,
) -> Fault | None:
    found = parted(code, tables, rows_until(before, until), rows_until(after, until), before, after)
    if found is None:
        return None
    other = f"without the events after {time_text(last)}" if gone else f"when the events after {time_text(last)} change"
    detail: dict[str, Any] = {"t": last, "events_after_t": "taken away" if gone else "changed", **found_as(found)}
    return Fault(says=says(code, found, "with all events", other), detail=detail)


def after_unknown(code: BatchCode, tables: Tables) -> set[datetime]:
    """The times of events that hold a null, which what comes later may be taken to fill."""
    found = set()
    for table in code.tables:
        if table.timestamp and keyed(code, table):
            found |= {row[table.timestamp] for row in tables[table.name] if None in row.values()}
    return found - {None}


def changed(code: BatchCode, tables: Tables, last: datetime) -> Tables:
    """The same events, of which those after `last` tell what others tell: each the values of the one before it.

    So nothing is told that the column may not hold. Numbers and flags that are the same everywhere are moved by one.
    """
    return {table.name: _changed(code, table, tables[table.name], last) for table in code.tables}


def _changed(code: BatchCode, table: EventTable, rows: Sequence[Row], last: datetime) -> Sequence[Row]:
    if not table.timestamp or not keyed(code, table):
        return rows
    fixed = {*code.entity, table.timestamp, table.created}
    names = [column.name for column in table.columns if column.name not in fixed]
    constant = {name for name in names if len({repr(row.get(name)) for row in rows}) == 1}

    def told(at: int, row: Row) -> Row:
        if row.get(table.timestamp) is None or row[table.timestamp] <= last:
            return row
        other = rows[at - 1]
        return {**row, **{name: _moved(row.get(name)) if name in constant else other.get(name) for name in names}}

    return tuple(told(at, row) for at, row in enumerate(rows))


def _moved(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else value
