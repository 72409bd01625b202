"""The closed sets of a check: the words of INTERFACE.md sections 1, 4, 5, 6 and 7."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """How one cell compares (INTERFACE.md section 5)."""

    MATCH = "match"
    MISMATCH = "mismatch"
    MISSING_ONLINE = "missing_online"
    MISSING_OFFLINE = "missing_offline"
    SERVING_ERROR = "serving_error"
    WRONG_ON_BOTH = "wrong_on_both"
    NOT_COMPARED = "not_compared"


class Blame(StrEnum):
    """Which side departs from the source value."""

    OFFLINE = "offline"
    ONLINE = "online"
    BOTH = "both"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """Of a feature and of a run; listed from best to worst."""

    PASS = "pass"
    WARN = "warn"
    ERROR = "error"
    FAIL = "fail"

    def exit_code(self, *, strict: bool = False, exit_zero: bool = False) -> int:
        """What CI obeys: INTERFACE.md section 3."""
        match self:
            case Verdict.PASS:
                return 0
            case Verdict.WARN:
                return int(strict and not exit_zero)
            case Verdict.FAIL:
                return int(not exit_zero)
            case Verdict.ERROR:
                return 2


class Origin(StrEnum):
    """Which of the three values of a cell is meant."""

    SOURCE = "source"
    OFFLINE = "offline"
    ONLINE = "online"


class Promise(StrEnum):
    """What a contract promises of each single value."""

    DTYPE = "dtype"
    NULLABLE = "nullable"
    RANGE = "range"
    CATEGORIES = "categories"


class Standing(StrEnum):
    """What became of a waiver in one run."""

    HOLDS = "holds"
    EXPIRED = "expired"
    OVER_CAP = "over_cap"
    UNUSED = "unused"


class Mode(StrEnum):
    """What was compared with what."""

    SANDBOX = "sandbox"
    LIVE = "live"
    REPLAY = "replay"
    TABLES = "tables"
    TRANSFORMS = "transforms"


class Cause(StrEnum):
    """Why a cell is skewed (INTERFACE.md section 6), in the order of its groups."""

    # On-demand features.
    NONDETERMINISTIC = "nondeterministic"
    STORED_ON_DEMAND = "stored_on_demand"
    TRANSFORM_VERSION = "transform_version"
    INHERITED = "inherited"
    UNDECLARED_INPUT = "undeclared_input"
    NULL_HANDLING = "null_handling"
    INPUT_TYPE = "input_type"
    BATCH_DEPENDENT = "batch_dependent"
    # Features of views.
    OFFLINE_DROPPED = "offline_dropped"
    OFFLINE_ENGINE = "offline_engine"
    BATCH_TRANSFORM_BYPASSED = "batch_transform_bypassed"
    NEVER_MATERIALIZED = "never_materialized"
    KEY_ENCODING = "key_encoding"
    FEATURE_ADDED_LATER = "feature_added_later"
    NOT_YET_MATERIALIZED = "not_yet_materialized"
    BEFORE_FIRST_WINDOW = "before_first_window"
    MATERIALIZATION_GAP = "materialization_gap"
    LATE_ARRIVAL = "late_arrival"
    OLDER_WRITE_WON = "older_write_won"
    TTL_NOT_ENFORCED = "ttl_not_enforced"
    FUTURE_ONLINE = "future_online"
    ONLINE_ONLY_PUSH = "online_only_push"
    DELETED_UPSTREAM = "deleted_upstream"
    STALE_ONLINE = "stale_online"
    TIE_BREAK = "tie_break"
    PRECISION = "precision"
    REWRITTEN_HISTORY = "rewritten_history"
    # Patterns over all cells of a feature.
    TIMEZONE_SHIFT = "timezone_shift"
    NULL_DEFAULT = "null_default"
    TEXT_FORM = "text_form"
    ELEMENT_ORDER = "element_order"
    UNIT_SCALE = "unit_scale"
    RESCALED = "rescaled"
    SWAPPED_FEATURE = "swapped_feature"
    SWAPPED_ENTITY = "swapped_entity"
    # Features of views once more, where nothing above fits.
    KEY_EXPIRED = "key_expired"
    DTYPE_CHANGED = "dtype_changed"
    UNEXPLAINED = "unexplained"


class Law(StrEnum):
    """What every transform must keep (INTERFACE.md section 7), in its order."""

    DETERMINISTIC = "deterministic"
    BATCH_INVARIANT = "batch_invariant"
    ORDER_INVARIANT = "order_invariant"
    INPUT_UNTOUCHED = "input_untouched"
    NULL_PARITY = "null_parity"
    DTYPE_PARITY = "dtype_parity"
    SCHEMA_KEPT = "schema_kept"
    REHYDRATES = "rehydrates"
    TIMEZONE_FREE = "timezone_free"
    NO_LOOKAHEAD = "no_lookahead"
    LOOKBACK_SUFFICIENT = "lookback_sufficient"
    ENTITY_ISOLATED = "entity_isolated"
    INCREMENTAL = "incremental"


class LawVerdict(StrEnum):
    """What one law came to for one transform."""

    HELD = "held"
    BROKEN = "broken"
    NOT_APPLICABLE = "not_applicable"


class ViewKind(StrEnum):
    """The Feast class behind a feature."""

    FEATURE_VIEW = "feature_view"
    BATCH = "batch"
    STREAM = "stream"
    ON_DEMAND = "on_demand"


class Stage(StrEnum):
    """What a check is doing, for the progress display."""

    LOAD = "load"
    BUILD = "build"
    SAMPLE = "sample"
    SLICE = "slice"
    SOURCE = "source"
    OFFLINE = "offline"
    ONLINE = "online"
    DIFF = "diff"
    CAUSES = "causes"
    LAWS = "laws"
    LEDGER = "ledger"
