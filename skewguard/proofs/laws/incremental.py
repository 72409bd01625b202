"""incremental: computing in steps gives what computing at once gives."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

from skewguard.proofs.batch_code import BatchCall, BatchCode, BatchExample, Tables
from skewguard.proofs.batch_judge import Parted, found_as, parted, says, time_text
from skewguard.proofs.batch_rows import (
    Outputs,
    arrivals,
    event_times,
    happened,
    known,
    outputs,
    rows_before,
    rows_since,
)
from skewguard.proofs.batch_spread import spread
from skewguard.proofs.laws.rule import Fault, NotTried

STEPS = 3


def built_anew(code: BatchCode) -> str | None:
    """Why the law says nothing of a table that is never continued."""
    if code.origin is not None and code.lookback is None:
        return "it declares no lookback: `skewguard build` computes all its rows anew each time"
    return None


def incremental(code: BatchCode, example: BatchExample) -> Fault | None:
    """A decorated transform as `skewguard build` continues its table, a plain view as Feast materializes windows."""
    if code.origin is None:
        return _materialized(code, example.tables)
    return _continued(code, example.tables)


def _continued(code: BatchCode, whole: Tables) -> Fault | None:
    """Step by step as events become known: from the event time of the earliest new event on, rows are computed anew
    from the events of the lookback before that; earlier rows stay as they were.
    """
    instants = arrivals(code, whole)
    if len(instants) < 2 or code.lookback is None:
        raise NotTried("all events become known at once")
    steps = [*spread(instants[:-1], STEPS), instants[-1]]
    calls, since = [whole, known(code, whole, steps[0])], []
    for earlier, now in pairwise(steps):
        first = event_times(code, _new(code, whole, earlier, now))[0]
        since.append(first)
        calls.append(happened(code, known(code, whole, now), since=first - code.lookback))
    answers = code.ask([BatchCall(tables=tables, typed_with=whole) for tables in calls])
    at_once, begun, *rest = (outputs(code, answer) for answer in answers)
    table: Outputs = begun
    for first, rows in zip(since, rest, strict=True):
        table = {**rows_before(table, first), **rows_since(rows, first)}
    found = parted(code, whole, at_once, table)
    return None if found is None else _fault(code, found, steps[:-1], "builds after the events known by")


def _new(code: BatchCode, whole: Tables, earlier: datetime, now: datetime) -> Tables:
    fresh = known(code, whole, now, after=earlier)
    return {table.name: fresh[table.name] if table.timestamp else () for table in code.tables}


def _materialized(code: BatchCode, whole: Tables) -> Fault | None:
    """Windows of events, both ends included; of each entity the store keeps the newest row of the last window."""
    times = event_times(code, whole)
    if len(times) < 2:
        raise NotTried("all events are of one time")
    ends = [*spread(times[:-1], STEPS), times[-1]]
    windows = [happened(code, whole, until=ends[0])]
    windows += [happened(code, whole, since=earlier, until=now) for earlier, now in pairwise(ends)]
    answers = code.ask([BatchCall(tables=tables, typed_with=whole) for tables in (whole, *windows)])
    everything, *parts = (outputs(code, answer) for answer in answers)
    stored: dict[Any, Any] = {}
    for rows in parts:
        stored |= _newest(rows)
    at_once = dict(_newest(everything).values())
    found = parted(code, whole, at_once, dict(stored.values()), everything)
    return None if found is None else _fault(code, found, ends[:-1], "materializations up to")


def _newest(rows: Outputs) -> dict[Any, Any]:
    """By entity its last row."""
    last: dict[Any, Any] = {}
    for key, row in rows.items():
        if key[1:] not in last or last[key[1:]][0][0] <= key[0]:
            last[key[1:]] = (key, row)
    return last


def _fault(code: BatchCode, found: Parted, steps: list[datetime], what: str) -> Fault:
    stepped = f"in steps, with {what} {' and '.join(time_text(each) for each in steps)}"
    detail = {"steps": steps, **found_as(found)}
    return Fault(says=says(code, found, "computed at once", stepped), detail=detail)
