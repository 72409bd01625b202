"""The nouns of a result: a feature's counts, a law, a cell that is shown, a run, and all that the reports render."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from skewguard.vocabulary import Blame, Kind, Law, LawVerdict, Mode, Origin, Promise, Standing, Verdict, ViewKind


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
class Leaked:
    """What leaks of one feature into training that reads `lag` before each instant: a row of the ledger's `leakage`.

    `leaked` of `cells` then still hold what nobody could know at the instant; `rate` is their share.
    """

    lag: timedelta
    cells: int
    leaked: int
    rate: float | None


@dataclass(frozen=True, kw_only=True)
class Waived:
    """What became of one waiver: a row of the ledger's table `waivers`. Field order is column order.

    `cells` are those of `feature` that it is about; of one that met none, `feature` is null.
    """

    feature: str | None
    pattern: str
    cause: str
    reason: str
    owner: str
    expires: date
    max_rate: float
    standing: Standing
    cells: int = 0


@dataclass(frozen=True, kw_only=True)
class EventTime:
    """The cells of a skewed feature whose source event is at `moment` or less than `step` later.

    A row of the ledger's table `event_times`. Field order is column order.
    """

    feature: str
    moment: datetime
    step: timedelta
    compared: int
    skewed: int


@dataclass(frozen=True, kw_only=True)
class FeatureResult:
    """A row of the ledger's table `features`, with what is no column of it beside it. Field order is column order.

    `causes` are skewed cells by cause; `waived` those that the verdict looks past: by cause, or `baseline`;
    `contract` is what each promise of single values came to, on each side; `leakage`, of a replay, by rising lag.
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
    leakage: tuple[Leaked, ...] = ()


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
    waivers: tuple[Waived, ...] = ()
    event_times: tuple[EventTime, ...] = ()
    ledger: Path | None = None
