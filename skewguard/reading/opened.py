"""An opened source: its relation, its columns as the files spell them, and its times made comparable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pyarrow as pa

from skewguard.errors.source import (
    SourceColumnMissing,
    SourceColumnRepeated,
    SourceTimeNotTime,
    SourceUnreadable,
)
from skewguard.model import SourceSpec
from skewguard.sql import DataType, Error, Expression, Relation, case, column, constant, function, is_nan

NAIVE = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE"})
ROW_NUMBER = frozenset({"file_index", "file_row_number"})  # in this order; DuckDB has them beside a file's columns
ZONED = frozenset({"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"})


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A source ready to be queried.

    `schema` is what an Arrow reader, such as Feast, sees in the files. `names` maps each of its columns to what DuckDB
    calls it: the two differ where names differ in case alone. `numbered` says that DuckDB knows each row's place in the
    files. `notes` is for the user.
    """

    spec: SourceSpec
    relation: Relation
    schema: pa.Schema
    names: Mapping[str, str]
    numbered: bool = False
    notes: tuple[str, ...] = field(default=())

    def column(self, name: str, role: str) -> Expression:
        """The column that the files call `name`; `role` says in an error what it is needed for."""
        if name not in self.names:
            raise SourceColumnMissing(self.spec.name, self.spec.path, role, name, self.names)
        if self.schema.names.count(name) > 1:
            raise SourceColumnRepeated(self.spec.name, self.spec.path, role, name)
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
        """The join keys, by their source columns, as k0, k1, ...; categories as the text that they stand for."""
        return [self._key(name).alias(f"k{at}") for at, name in enumerate(columns)]

    def present(self, name: str) -> Expression:
        """Whether a key has a value. NaN is how pandas writes a missing whole number."""
        key = self.column(name, "join key")
        if self.type_of(name) in ("FLOAT", "DOUBLE"):
            return key.isnotnull() & ~is_nan(key)
        return key.isnotnull()

    def place(self) -> list[Expression]:
        """What orders the rows as the files do, else by what they hold, as p0 and p1: joins lose the order of rows."""
        if self.numbered and not ROW_NUMBER & set(map(str.lower, self.names)):
            return [column(name).alias(f"p{at}") for at, name in enumerate(sorted(ROW_NUMBER))]
        content = function("hash", *map(column, self.relation.columns))
        return [constant(0).alias("p0"), content.alias("p1")]

    def asked(self, keys: Relation, columns: Sequence[str]) -> list[Expression]:
        """The columns k0, k1, ... of `keys` in the types that the source has for them; null where a value has no equal.

        Keys drawn from one source are asked of another, which may hold them in other types. 7.9 is no 7, and 007 no 7.
        """
        wanted = self.relation.select(*self.keys(columns)).types if columns else []
        held = dict(zip(keys.columns, keys.types, strict=True))
        return [_exactly(f"k{at}", held[f"k{at}"], dtype).alias(f"k{at}") for at, dtype in enumerate(wanted)]

    @contextmanager
    def reading(self) -> Iterator[None]:
        """What goes wrong while rows are read is about the source: a damaged page, a store gone away."""
        try:
            yield
        except (Error, pa.ArrowException) as error:
            raise SourceUnreadable(self.spec.name, self.spec.path, str(error)) from error

    def _key(self, name: str) -> Expression:
        key = self.column(name, "join key")
        return key.cast("VARCHAR") if self.type_of(name).startswith("ENUM") else key


def _exactly(name: str, held: DataType, wanted: DataType) -> Expression:
    key = column(name)
    if held == wanted:
        return key
    there = key.try_cast(wanted)
    return case(there.try_cast(held) == key, there).otherwise(constant(None))
