"""The nouns of a check: frozen values that the stages pass to each other, and the closed sets in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skewguard.contract import Contract
from skewguard.vocabulary import Blame as Blame
from skewguard.vocabulary import Cause as Cause
from skewguard.vocabulary import Kind as Kind
from skewguard.vocabulary import Law as Law
from skewguard.vocabulary import LawVerdict as LawVerdict
from skewguard.vocabulary import Mode as Mode
from skewguard.vocabulary import Origin as Origin
from skewguard.vocabulary import Promise as Promise
from skewguard.vocabulary import Stage as Stage
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
    """

    table: pa.Table
    absent: Mapping[int, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A feature or view that is not compared, by nature rather than by fault."""

    feature: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ViewError:
    """A feature or view that could not be compared; the others still are."""

    feature: str
    message: str


@dataclass(frozen=True, kw_only=True)
class ContractFinding:
    """What one rule of a feature's contract came to on one side: a row of the ledger's table `contract`.

    `expected` is the promise as people read it; the example is the first value that breaks it.
    """

    side: Origin
    rule: Promise
    expected: str
    checked: int
    broken: int
    example_row_id: int | None = None
    example_value: str | None = None


@dataclass(frozen=True, kw_only=True)
class FeatureResult:
    """A row of the ledger's table `features`, with what is no column of it beside it. Field order is column order.

    `causes` are skewed cells by cause; `waived` those that the verdict looks past: by cause, or `baseline`;
    `contract` is what each promise of single values came to, on each side.
    """

    feature: str
    feature_view: str
    name: str
    view_kind: ViewKind | None
    dtype: str
    owner: str | None = None
    fingerprint: str | None = None
    requested: int = 0
    compared: int = 0
    matched: int = 0
    mismatched: int = 0
    missing_online: int = 0
    missing_offline: int = 0
    serving_errors: int = 0
    wrong_on_both: int = 0
    within_freshness: int = 0
    not_compared: int = 0
    skewed: int = 0
    skew_rate: float | None = None
    skew_rate_upper: float | None = None
    max_skew_rate: float = 0.0
    max_abs_error: float | None = None
    mean_abs_error: float | None = None
    max_freshness_lag: timedelta | None = None
    verdict: Verdict = Verdict.PASS
    top_cause: str | None = None
    notes: tuple[str, ...] = ()
    causes: Mapping[str, int] = field(default_factory=dict)
    waived: Mapping[str, int] = field(default_factory=dict)
    contract: tuple[ContractFinding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LawResult:
    """What one law came to for one transform: a row of the ledger's table `laws`. Field order is column order.

    `examples` are the inputs that it was tried on. `counterexample`, of a broken law, is JSON's own types: the input,
    the two answers, and `test`, the text of a test that fails in the same way.
    """

    transform: str
    law: Law
    verdict: LawVerdict
    examples: int = 0
    counterexample: Mapping[str, Any] | None = None
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """A row of the ledger's table `runs`. Field order is column order."""

    run_id: str
    command: str
    mode: Mode
    started_at: datetime
    finished_at: datetime
    verdict: Verdict
    repo: str | None
    project: str | None
    as_of: datetime | None
    seed: int
    rows_requested: int
    cells_requested: int
    cells_compared: int
    git_commit: str | None
    skewguard_version: str
    feast_version: str | None
    duckdb_version: str
    pandas_version: str | None
    python_version: str
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Example:
    """One differing cell as a person reads it: three values side by side."""

    feature: str
    row_id: int
    entity: Mapping[str, Any]
    kind: Kind
    cause: str | None
    blame: Blame | None
    source_value: str | None
    offline_value: str | None
    online_value: str | None


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a view is defined: the file, relative to the root of the repository where there is one, and the line."""

    feature_view: str
    file: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Latency:
    """How long online requests took: of one view as one service asks for it, or of the view alone. Seconds."""

    feature_view: str
    service: str | None
    requests: int
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a check or a diff found: all that the reports render."""

    run: RunRecord
    exit_code: int
    features: tuple[FeatureResult, ...]
    skipped: tuple[Skipped, ...] = ()
    errors: tuple[ViewError, ...] = ()
    examples: tuple[Example, ...] = ()
    notes: tuple[str, ...] = ()
    sample_rows: int | None = None
    places: tuple[Place, ...] = ()
    latency: tuple[Latency, ...] = ()
    laws: tuple[LawResult, ...] = ()
    ledger: Path | None = None
