"""A batch transform as the batch laws know it: what it takes, what it returns, and how it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeAlias

from skewguard.model import FeatureSpec
from skewguard.proofs.calls import Answer, Row, World
from skewguard.proofs.subject import InputColumn

Tables: TypeAlias = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, kw_only=True)
class EventTable:
    """One event table. `name` is the parameter; `timestamp` and `created` are columns of it.

    `timestamp` is empty for a table without event times. `schema` is the Arrow schema of its source as IPC bytes; empty
    where only the dtypes of its columns are known.
    """

    name: str
    columns: tuple[InputColumn, ...]
    timestamp: str
    created: str | None = None
    schema: bytes = b""

    def column(self, name: str) -> InputColumn | None:
        """The column of that name."""
        return next((each for each in self.columns if each.name == name), None)


@dataclass(frozen=True, kw_only=True)
class BatchCall:
    """Run a batch transform on event tables, by parameter.

    Columns have the types that the whole source has: a column with a null in `typed_with` (by default the tables
    themselves) is typed as one that has nulls, also where these events have none. So the same event looks the same
    among few and among many, as in a build. `index` by table is the pandas index of its frame. `anew`: never an
    answer that is remembered.
    """

    tables: Tables
    typed_with: Tables | None = None
    index: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    world: World = field(default_factory=World)
    anew: bool = False


@dataclass(frozen=True, kw_only=True)
class BatchExample:
    """Events for a batch transform, by table, in no particular order."""

    tables: Mapping[str, tuple[Row, ...]]


@dataclass(frozen=True, kw_only=True)
class BatchCode:
    """A batch transform: event tables in, rows of keys, times and features out.

    `lookback` None: a row may need all history. `form` is `pandas` or `duckdb`. `timestamp` and `created` are columns
    of what it returns. `origin` is `module.function` of a decorated one; None is a plain Feast view's own function,
    which is called on the events of one materialization window, in no order. `call` raises nothing that the transform
    does; `fresh` makes the same calls in a new process of another hash seed, where only the project can be imported.
    `real` are rows of the sources, none where those are not known. `guessed`: the columns of the tables were found by
    trial; `unknown` says why they were not.
    """

    name: str
    tables: tuple[EventTable, ...]
    entity: tuple[str, ...]
    timestamp: str
    features: tuple[FeatureSpec, ...]
    call: Callable[[BatchCall], Answer]
    fresh: Callable[[Sequence[BatchCall]], list[Answer]] | None = None
    created: str | None = None
    lookback: timedelta | None = None
    form: str = "pandas"
    origin: str | None = None
    real: Tables = field(default_factory=dict)
    guessed: bool = False
    unknown: str | None = None

    def ask(self, calls: Sequence[BatchCall]) -> list[Answer]:
        """The answers to several calls."""
        return [self.call(each) for each in calls]


BatchTest: TypeAlias = Callable[[BatchCode, BatchExample], Any]
