"""What a source holds, as counts and sums of row hashes: enough for a later build to see what is new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from skewguard import sql
from skewguard.errors import SkewguardError
from skewguard.model import SourceSpec
from skewguard.reading import Opened
from skewguard.reading.local import local_files

Stamps = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A source as a table saw it. `digest` does not depend on the order of rows; `newest_us` is the newest arrival.

    A row arrives at its created time where the source has one, else at its event time. `stamps` (file, size,
    modification time) are empty where the source is not a local file.
    """

    columns: tuple[str, ...]
    rows: int
    digest: str
    newest_us: int | None
    stamps: Stamps

    def as_json(self) -> dict[str, Any]:
        """As a table's record holds it."""
        return asdict(self)

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Seen:
        """From a table's record."""
        stamps = tuple((str(name), int(size), int(time)) for name, size, time in record["stamps"])
        return cls(**{**record, "stamps": stamps, "columns": tuple(record["columns"])})


@dataclass(frozen=True, kw_only=True)
class Change:
    """A source against what a table saw of it: `rewritten` says why old rows count as changed, None where they do not.

    `first_new_us` is the event time of the earliest new row; None where no new row has one.
    """

    now: Seen
    rewritten: str | None = None
    appended: int = 0
    first_new_us: int | None = None


def stamps_of(spec: SourceSpec, folder: Path) -> Stamps:
    """The local files of a source; empty where it has none."""
    scheme = urlsplit(spec.path).scheme.lower() if "://" in spec.path else "file"
    if scheme != "file" or spec.file_format.lower() == "delta":
        return ()
    path = unquote(urlsplit(spec.path).path) if "://" in spec.path else spec.path
    try:
        files = local_files(spec, folder / Path(path).expanduser())
        found = [(str(file), file.stat()) for file in files]
    except (SkewguardError, OSError):
        return ()
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in found)


def observe(connection: sql.Connection, opened: Opened, stamps: Stamps, before: Seen | None) -> Change:
    """One pass over the source: what it holds, and what of it is new since `before`."""
    columns = columns_of(opened)
    found = _measured(connection, opened, before)
    now = Seen(columns=columns, rows=found["rows"], digest=found["digest"], newest_us=found["newest_us"], stamps=stamps)
    if before is None:
        return Change(now=now, rewritten="it is new")
    if before.columns != columns:
        return Change(now=now, rewritten="the columns have changed")
    if (found["seen_rows"], found["seen_digest"]) != (before.rows, before.digest):
        return Change(now=now, rewritten="rows that were there have changed, or late ones came without a created time")
    return Change(now=now, appended=now.rows - before.rows, first_new_us=found["first_new_us"])


def columns_of(opened: Opened) -> tuple[str, ...]:
    """The columns of a source and how they are read; not where it lies."""
    spec = opened.spec
    stored = [f"{name} {opened.type_of(name)}" for name in opened.names]
    mapped = [f"{source}={name}" for source, name in sorted(spec.field_mapping.items())]
    return (spec.timestamp_column, spec.created_column or "", *mapped, *stored)


def _measured(connection: sql.Connection, opened: Opened, before: Seen | None) -> dict[str, Any]:
    spec = opened.spec
    event = _microseconds(opened, spec.timestamp_column, "event time")
    arrived = _microseconds(opened, spec.created_column, "created time") if spec.created_column else event
    row_hash = sql.function("hash", *(sql.column(name) for name in opened.names.values()))
    events = opened.relation.select(event.alias("event_us"), arrived.alias("arrived_us"), row_hash.alias("row_hash"))
    sql.bind(connection, "events", events)
    # A table that saw a source without any time has seen none of its rows: none can be told from a new one.
    seen_us = before.newest_us if before is not None else None
    found = sql.run(connection, __package__, "observed", seen_us=seen_us)
    (row,) = found.fetchall()
    return dict(zip(found.columns, row, strict=True))


def _microseconds(opened: Opened, name: str, role: str) -> sql.Expression:
    return opened.microseconds(name, role) if name else sql.constant(None).cast("BIGINT")
