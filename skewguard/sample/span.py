"""What a source covers: its rows, its first and last event, and the rows that no entity row can ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from skewguard import sql
from skewguard.errors.source import SourceEmpty, SourceTimeTooOld
from skewguard.model import ViewSpec
from skewguard.reading import Opened

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# In microseconds since then: what Python, and so Feast, has times for.
FIRST, LAST = ((each.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1) for each in (datetime.min, datetime.max))


@dataclass(frozen=True, kw_only=True)
class Span:
    """Of one source as one view reads it. `unkeyed` rows lack a join key, `untimed` ones an event timestamp."""

    rows: int
    unkeyed: int
    untimed: int
    oldest: datetime
    newest: datetime

    @property
    def notes(self) -> tuple[str, ...]:
        """What a sample hides and a person would want to know."""
        notes = []
        if self.unkeyed:
            notes.append(
                f"source rows with a null join key: {self.unkeyed:,}; they are no entity rows and were left out, but a "
                "real `feast materialize` of this view aborts on them"
            )
        if self.untimed:
            notes.append(
                f"source rows without an event timestamp: {self.untimed:,}; they have no source value, are never "
                "materialized, and are returned by Feast's default (dask) offline store all the same"
            )
        return tuple(notes)


def read_span(connection: sql.Connection, opened: Opened, view: ViewSpec) -> Span:
    """Look over the whole source once, at its key and time columns only. A source without a timed row is an error."""
    bind_events(connection, opened, view)
    with opened.reading():
        found = sql.run(connection, __package__, "span").fetchall()
    total, unkeyed, untimed, oldest, newest = found[0]
    if oldest is None or newest is None:
        raise SourceEmpty(opened.spec.name, opened.spec.path, total)
    if oldest < FIRST:
        raise SourceTimeTooOld(opened.spec.name, opened.spec.path, opened.spec.timestamp_column)
    # What is later than any Python time is later than any as-of: nobody asks how much.
    return Span(rows=total, unkeyed=unkeyed, untimed=untimed, oldest=moment(oldest), newest=moment(min(newest, LAST)))


def newest_event(
    connection: sql.Connection, opened: Opened, view: ViewSpec, span: Span, *, not_after: datetime
) -> datetime | None:
    """The newest event at or before `not_after`; None where all are later."""
    if span.newest <= not_after:
        return span.newest
    bind_events(connection, opened, view)
    with opened.reading():
        found = sql.run(connection, __package__, "newest", not_after=opened.instant(not_after)).fetchall()
    return None if found[0][0] is None else moment(found[0][0])


def bind_events(connection: sql.Connection, opened: Opened, view: ViewSpec) -> None:
    """Make the view `source_events`: k0, k1, ..., event_time, keyed. Raises for columns that are not there."""
    spec = opened.spec
    columns = [spec.column_of(key.column) for key in view.join_keys]
    present = sql.constant(True)
    for name in columns:
        present = present & opened.present(name)
    event_time = opened.time(spec.timestamp_column, "event timestamp").alias("event_time")
    selected = opened.relation.select(*opened.keys(columns), event_time, present.alias("keyed"))
    sql.bind(connection, "source_events", selected)


def moment(microseconds: int) -> datetime:
    """The instant that many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=microseconds)
