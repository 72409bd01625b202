"""What is known of one view whose skewed cells are to be explained, and how an explanation is given back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa

from skewguard.equality.rules import Rule
from skewguard.model import Side, SourceSpec, ViewSpec

NAMED = pa.schema({"row_id": pa.int64(), "position": pa.int32(), "cause": pa.string(), "evidence": pa.string()})


@dataclass(frozen=True, kw_only=True)
class Case:
    """One compared view. `rules` are by feature, in the view's order; `cells` are those of its Comparison."""

    view: ViewSpec
    rules: tuple[Rule, ...]
    rows: pa.Table
    source: Side | None
    offline: Side
    online: Side
    cells: pa.Table
    live: bool
    now: datetime


@dataclass(frozen=True, kw_only=True)
class StoreFacts:
    """What only Feast and its stores can tell of a view: gathered for the rows that have a skewed cell.

    `holds_rows`: whether the online store holds any row of the view; None where the store cannot be asked.
    `otherwise_keyed`: rows that the store holds under differently encoded keys.
    `unwritten`: by position of the feature, rows of which the store holds others but not this feature.
    `converted`: row_id and c0, c1, ...: what Feast's conversion to the declared dtype makes of each source value;
    w0, w1, ...: the same where a null in the batch has made floats of integers.
    `applied_at`: the last update of the view in the registry; `source_modified_at`: of the source's newest file.
    `code_fingerprint`: of a transform as the code stands; the registry's is the view's where it is decorated, else
    `registered_code`.
    `keeps_newest`: the store ignores a write that is not newer than what it holds (Redis), so no older one can win.
    `key_ttl`: after which the online store lets a key expire (Redis).
    `joined_by`: the join keys, by column, by which alone the offline store joins the view; None where by all.
    `retyped`: row_id, position, stored_as, declared_as: cells of which online is the source value in another type.
    """

    holds_rows: bool | None = None
    otherwise_keyed: frozenset[int] = frozenset()
    unwritten: Mapping[int, frozenset[int]] = field(default_factory=dict)
    converted: pa.Table | None = None
    applied_at: datetime | None = None
    source_modified_at: datetime | None = None
    code_fingerprint: str | None = None
    registered_code: str | None = None
    keeps_newest: bool = False
    key_ttl: timedelta | None = None
    joined_by: tuple[str, ...] | None = None
    retyped: pa.Table | None = None


@dataclass(frozen=True, kw_only=True)
class StoredCase(Case):
    """A feature, batch or stream view: with its events and its materialization.

    `slice_path` holds all events of the sampled entities up to as-of, read as `raw` says; `truth` says where the source
    values were read (a view's own transform applied). `windows` are the materialized windows: the registry's in a live
    check, the sandbox's own otherwise. `untransformed`, where the view has a transform of its own, is the source
    side read from the slice as it is; `coded` the one that the transform gives as the repo's files have it now.
    `differing`: rows of which any cell is not a match; None where those of `cells` are all.
    `doubtful`: rows whose online event time may be off by a time zone.
    `since`, where only a part of a warehouse was read: nothing is known of earlier events.
    `source_begins`: the oldest event of the whole source.
    """

    slice_path: Path
    raw: SourceSpec
    truth: SourceSpec
    windows: tuple[tuple[datetime, datetime], ...]
    facts: StoreFacts
    untransformed: Side | None = None
    coded: Side | None = None
    since: datetime | None = None
    source_begins: datetime | None = None
    doubtful: frozenset[int] = frozenset()
    differing: pa.Array | None = None


def named(rows: Iterable[tuple[int, int, str, str | None]]) -> pa.Table:
    """An explanation as a table: row_id, position of the feature, cause, evidence (JSON)."""
    columns = list(zip(*rows, strict=True)) or [()] * len(NAMED)
    return pa.table([pa.array(column, each.type) for column, each in zip(columns, NAMED, strict=True)], schema=NAMED)
