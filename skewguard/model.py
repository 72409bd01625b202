"""The nouns of a check: frozen values that the stages pass to each other, and the closed sets in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from skewguard.contract import Contract
from skewguard.outcome import ContractFinding as ContractFinding
from skewguard.outcome import EventTime as EventTime
from skewguard.outcome import Example as Example
from skewguard.outcome import FeatureResult as FeatureResult
from skewguard.outcome import Latency as Latency
from skewguard.outcome import LawResult as LawResult
from skewguard.outcome import Leaked as Leaked
from skewguard.outcome import Outcome as Outcome
from skewguard.outcome import Place as Place
from skewguard.outcome import RunRecord as RunRecord
from skewguard.outcome import Skipped as Skipped
from skewguard.outcome import ViewError as ViewError
from skewguard.outcome import Waived as Waived
from skewguard.vocabulary import Blame as Blame
from skewguard.vocabulary import Cause as Cause
from skewguard.vocabulary import Kind as Kind
from skewguard.vocabulary import Law as Law
from skewguard.vocabulary import LawVerdict as LawVerdict
from skewguard.vocabulary import Mode as Mode
from skewguard.vocabulary import Origin as Origin
from skewguard.vocabulary import Promise as Promise
from skewguard.vocabulary import Stage as Stage
from skewguard.vocabulary import Standing as Standing
from skewguard.vocabulary import Verdict as Verdict
from skewguard.vocabulary import ViewKind as ViewKind

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class SourceSpec:
    """Where the rows of a view come from: a file-like batch source, described without Feast.

    `field_mapping` maps source columns to feature names, as Feast's does.
    """

    name: str
    path: str
    file_format: str  # "parquet", "csv", "delta", or "" where the source does not say
    timestamp_column: str
    created_column: str | None = None
    field_mapping: Mapping[str, str] = field(default_factory=dict)
    s3_endpoint: str | None = None

    def column_of(self, name: str) -> str:
        """The source column that Feast reads for the feature or join key `name`."""
        return next((source for source, mapped in self.field_mapping.items() if mapped == name), name)


ASIDE = "\x1f"
ROW_COLUMNS = frozenset({"row_id", "as_of"})  # a table of entity rows has these beside keys and request data


def held(name: str) -> str:
    """The column of a table of entity rows that holds the key or request field `name`: its own, but for ROW_COLUMNS.

    Names are told apart as DuckDB does it, which is blind to case.
    """
    return f"{ASIDE}{name}" if name.lstrip(ASIDE).casefold() in ROW_COLUMNS else name


def asked_as(column: str) -> str:
    """The name of the key or request field that a column of entity rows holds: the inverse of `held`."""
    return column.removeprefix(ASIDE) if column.lstrip(ASIDE).casefold() in ROW_COLUMNS else column


@dataclass(frozen=True, kw_only=True)
class JoinKey:
    """One join key of a view: the name requests use, and the name inside the view (differs under a join-key map)."""

    name: str
    column: str
    dtype: str

    @property
    def held(self) -> str:
        """The column of a table of entity rows that holds it."""
        return held(self.name)


@dataclass(frozen=True, kw_only=True)
class RequestField:
    """A value that the caller of an on-demand view supplies."""

    name: str
    dtype: str

    @property
    def held(self) -> str:
        """The column of a table of entity rows that holds it."""
        return held(self.name)


@dataclass(frozen=True, kw_only=True)
class FeatureSpec:
    """One feature of a view. `dtype` is Feast's own text for it: `Float32`, `Array(Int64)`, `Struct({...})`."""

    view: str
    name: str
    dtype: str
    contract: Contract = field(default_factory=Contract)

    @property
    def ref(self) -> str:
        """The feature reference, `view:name`."""
        return f"{self.view}:{self.name}"


@dataclass(frozen=True, kw_only=True)
class ViewSpec:
    """One view as it is asked for: under its own name or, where a service renames it, under its alias."""

    name: str
    base_name: str
    kind: ViewKind
    join_keys: tuple[JoinKey, ...]
    features: tuple[FeatureSpec, ...]
    ttl: timedelta | None = None  # None: values never expire
    source: SourceSpec | None = None  # None: on-demand, or not readable as a file
    has_udf: bool = False
    pushed: bool = False
    inputs: tuple[str, ...] = ()  # on-demand: names of the ViewSpecs it reads
    input_features: tuple[str, ...] = ()  # on-demand: refs (`view:name`) it reads
    request: tuple[RequestField, ...] = ()
    stored: bool = False  # on-demand: Feast keeps its output in the online store, and serves that
    owner: str | None = None
    fingerprint: str | None = None
    windows: tuple[tuple[datetime, datetime], ...] = ()  # materialization intervals, live only


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the three values of one view, for its entity rows.

    `table` has one row per entity row, sorted by `row_id` (int64), and the columns
    `v0`, `v1`, ... in the order of the view's features, uncast, as returned;
    `event_timestamp` (timestamp[us, UTC], null where no row or unknown);
    `error` (string, null where the row was answered): why this row has no values;
    `returned` (bool): false where the store gave no row for this entity row.
    The source side may carry `k0`, `k1`, ... (bool): false where there is no source value for that cell.
    The source side may carry `created_timestamp` (timestamp[us, UTC]).
    From files it also carries `ties` (int64): how many source rows share the newest event and created time, 0 without
    a row; and `expired_event_timestamp`: the newest event, where only the TTL hides it.
    `absent` maps positions of features that the answer as a whole lacks to the reason.
    `without_data`: for how many rows an on-demand transform was served without data in any of its inputs.
    """

    table: pa.Table
    absent: Mapping[int, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    without_data: int = 0
