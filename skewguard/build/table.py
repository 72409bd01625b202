"""One built table: whether it is current, what to compute anew, and its file, which is written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from skewguard import sql
from skewguard.build.compute import compute_rows
from skewguard.build.observe import Change, Seen, observe, stamps_of
from skewguard.definition import BatchTransform
from skewguard.errors.definition import BuildError
from skewguard.model import SourceSpec
from skewguard.reading import Opened, open_source

RECORD = b"skewguard"
VERSION = 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Action(StrEnum):
    """What a build did."""

    BUILT = "built"
    APPENDED = "appended"
    UP_TO_DATE = "up to date"


@dataclass(frozen=True, kw_only=True)
class BuiltTable:
    """A table after a build. `reason` says why it was built or what is new; `computed` counts the rows computed now."""

    transform: str
    path: Path
    action: Action
    reason: str
    rows: int
    computed: int
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to do: with `since`, rows from then on are computed anew and earlier ones kept."""

    action: Action
    reason: str
    since: datetime | None = None


def build_table(
    transform: BatchTransform, sources: Mapping[str, SourceSpec], out: Path, *, folder: Path, whole: bool = False
) -> BuiltTable:
    """Bring the table `out` up to date with the code and the events; `whole` computes all of it in any case.

    `sources` maps the transform's parameters to event tables, whose relative paths start at `folder`. A table of the
    same code is continued when its sources only grew; the result is the same as from computing all, given that rows
    depend on no more than their lookback. The file is replaced in one step. Errors: BuildError, OutputError,
    SourceError.
    """
    record = None if whole else _record(out)
    with closing(sql.connect()) as connection:
        opened = {name: open_source(connection, sources[name], folder=folder) for name in transform.parameters}
        changes = _changes(connection, opened, record, folder)
        plan = _plan(transform, record, changes, asked=whole)
        if plan.action is Action.UP_TO_DATE:
            rows = pq.read_metadata(out).num_rows
            return _built(transform, out, plan, rows, 0)
        return _computed(transform, opened, changes, plan, out)


def outdated(transform: BatchTransform, sources: Mapping[str, SourceSpec], path: Path, *, folder: Path) -> str | None:
    """Why the table at `path` is not what a build would now make; None where it is. Reads sources only if touched."""
    record = _record(path)
    missing = _why_anew(transform, record)
    if missing is not None:
        return missing
    with closing(sql.connect()) as connection:
        opened = {name: open_source(connection, sources[name], folder=folder) for name in transform.parameters}
        plan = _plan(transform, record, _changes(connection, opened, record, folder), asked=False)
    return None if plan.action is Action.UP_TO_DATE else plan.reason


def _changes(
    connection: sql.Connection, opened: Mapping[str, Opened], record: Mapping[str, Any] | None, folder: Path
) -> dict[str, Change]:
    seen = {} if record is None else {name: Seen.of(each) for name, each in record["sources"].items()}
    changes = {}
    for name, each in opened.items():
        before, stamps = seen.get(name), stamps_of(each.spec, folder)
        untouched = before is not None and stamps and before.stamps == stamps
        changes[name] = Change(now=before) if before and untouched else observe(connection, each, stamps, before)
    return changes


def _why_anew(transform: BatchTransform, record: Mapping[str, Any] | None) -> str | None:
    """Why nothing of a table can be kept."""
    if record is None:
        return "there is no table yet"
    if record["version"] != VERSION or record["duckdb"] != metadata.version("duckdb"):
        return "the table was built by another version"  # whose row hashes may differ
    if record["fingerprint"] != transform.fingerprint:
        return "the code has changed"
    return None


def _plan(
    transform: BatchTransform, record: Mapping[str, Any] | None, changes: Mapping[str, Change], *, asked: bool
) -> Plan:
    anew = "asked for" if asked else _why_anew(transform, record)
    if anew is not None:
        return Plan(action=Action.BUILT, reason=anew)
    for name, change in changes.items():
        if change.rewritten is not None:
            return Plan(action=Action.BUILT, reason=f"of {name}, {change.rewritten}")
    grown = {name: change.appended for name, change in changes.items() if change.appended}
    if not grown:
        return Plan(action=Action.UP_TO_DATE, reason="nothing has changed")
    news = ", ".join(f"{count:,} new in {name}" for name, count in grown.items())
    if transform.lookback is None:
        return Plan(action=Action.BUILT, reason=f"{news}, and without a lookback every row may change")
    firsts = [change.first_new_us for change in changes.values() if change.first_new_us is not None]
    since = EPOCH + timedelta(microseconds=min(firsts)) if firsts else datetime.max.replace(tzinfo=UTC)
    return Plan(action=Action.APPENDED, reason=news, since=since)


def _computed(
    transform: BatchTransform, opened: Mapping[str, Opened], changes: Mapping[str, Change], plan: Plan, out: Path
) -> BuiltTable:
    rows = compute_rows(transform, opened, since=plan.since)
    computed = rows.num_rows
    if plan.since is not None:
        before = pq.read_table(out, partitioning=None).replace_schema_metadata(None)
        if not rows.num_rows:
            rows = before.schema.empty_table()  # a frame of no rows says nothing of its keys' types
        if before.schema.equals(rows.schema):
            earlier = pc.less(before[transform.timestamp], pa.scalar(plan.since, pa.timestamp("us", "UTC")))
            rows = pa.concat_tables([before.filter(earlier), rows])
        else:  # a key changed its type with its source
            plan = Plan(action=Action.BUILT, reason="a key column has another type")
            rows = compute_rows(transform, opened)
            computed = rows.num_rows
    _write(transform, rows, changes, out)
    return _built(transform, out, plan, rows.num_rows, computed)


def _built(transform: BatchTransform, out: Path, plan: Plan, rows: int, computed: int) -> BuiltTable:
    return BuiltTable(
        transform=transform.path,
        path=out,
        action=plan.action,
        reason=plan.reason,
        rows=rows,
        computed=computed,
        fingerprint=transform.fingerprint,
    )


def _write(transform: BatchTransform, rows: pa.Table, changes: Mapping[str, Change], out: Path) -> None:
    record = {
        "version": VERSION,
        "duckdb": metadata.version("duckdb"),
        "transform": transform.path,
        "fingerprint": transform.fingerprint,
        "sources": {name: change.now.as_json() for name, change in changes.items()},
    }
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(rows.replace_schema_metadata({RECORD: json.dumps(record)}), part, compression="zstd")
        part.replace(out)
    except OSError as problem:
        what = f"{out} cannot be written: {problem.strerror or problem}."
        step = "Free some space, or bind the view with another path=."
        raise BuildError(transform.path, what, next_step=step) from problem
    finally:
        with suppress(OSError):  # where nothing could be written, nothing is there
            part.unlink(missing_ok=True)


def _record(path: Path) -> dict[str, Any] | None:
    """What the last build noted in the table; None where there is no table that skewguard can continue."""
    try:
        notes = pq.read_schema(path).metadata or {}
        record = json.loads(notes[RECORD])
        for each in record["sources"].values():
            Seen.of(each)
        return record if {"version", "duckdb", "fingerprint"} <= set(record) else None
    except (OSError, pa.ArrowInvalid, KeyError, TypeError, ValueError, AttributeError):
        return None
