"""An opened source: its relation, its columns as the files spell them, and its times made comparable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pyarrow as pa

from skewguard.errors.source import SourceColumnMissing, SourceTimeNotTime
from skewguard.model import SourceSpec
from skewguard.sql import Expression, Relation, column, function

NAIVE = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE"})
ZONED = frozenset({"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"})


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A source ready to be queried.

    `schema` is what an Arrow reader, such as Feast, sees in the files. `names` maps each of its columns to what DuckDB
    calls it: the two differ where names differ in case alone. `notes` is for the user.
    """

    spec: SourceSpec
    relation: Relation
    schema: pa.Schema
    names: Mapping[str, str]
    notes: tuple[str, ...] = field(default=())

    def column(self, name: str, role: str) -> Expression:
        """The column that the files call `name`; `role` says in an error what it is needed for."""
        if name not in self.names:
            raise SourceColumnMissing(self.spec.name, self.spec.path, role, name, self.names)
        return column(self.names[name])

    def type_of(self, name: str) -> str:
        """DuckDB's type of a column."""
        return dict(zip(self.relation.columns, map(str, self.relation.types), strict=True))[self.names[name]]

    def time(self, name: str, role: str) -> Expression:
        """A time column as stored, so that its statistics in the file still serve; a time in UTC where it is naive."""
        stored = self.column(name, role)
        duck_type = self.type_of(name)
        if duck_type not in NAIVE | ZONED:
            raise SourceTimeNotTime(self.spec.name, self.spec.path, role, name, str(self.schema.field(name).type))
        # DuckDB has neither epoch_us nor a cast to TIMESTAMP for this one type.
        return stored.cast("TIMESTAMPTZ") if duck_type == "TIMESTAMPTZ_NS" else stored

    def instant(self, moment: datetime) -> datetime:
        """`moment` as a query parameter of the event time's own type: else every row would be cast to compare."""
        naive = self.type_of(self.spec.timestamp_column) in NAIVE
        return moment.astimezone(UTC).replace(tzinfo=None) if naive else moment

    def microseconds(self, name: str, role: str) -> Expression:
        """A time column as microseconds since 1970 in UTC: one form for all units and zones."""
        return function("epoch_us", self.time(name, role))

    def keys(self, columns: Sequence[str]) -> list[Expression]:
        """The join keys, by their source columns, as k0, k1, ..."""
        return [self.column(name, "join key").alias(f"k{at}") for at, name in enumerate(columns)]
