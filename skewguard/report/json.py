"""The result as one JSON object (INTERFACE.md section 4): the same keys in the same order, always."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from skewguard.model import ContractFinding, FeatureResult, LawResult, Leaked, Mode, Outcome, RunRecord, Verdict, Waived

SCHEMA_VERSION = 1
COLUMNS = tuple(each.name for each in fields(FeatureResult))


def text(outcome: Outcome) -> str:
    """The result as indented JSON, ending in a line break."""
    return dumped(as_object(outcome))


def dumped(result: Mapping[str, Any]) -> str:
    """An object of this module as text; names keep their own letters."""
    return json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_object(outcome: Outcome) -> dict[str, Any]:
    """The result as an object of JSON's own types."""
    run = outcome.run
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": run.run_id,
        "command": run.command,
        "verdict": run.verdict.value,
        "exit_code": outcome.exit_code,
        "repo": run.repo,
        "project": run.project,
        "mode": run.mode.value,
        "as_of": plain(run.as_of),
        "sample": {"rows": outcome.sample_rows, "seed": run.seed},
        "versions": _versions(run),
        **_found(outcome),
        "skipped": [{"feature": each.feature, "reason": each.reason} for each in outcome.skipped],
        "errors": [{"feature": each.feature, "message": each.message} for each in outcome.errors],
        "notes": list(outcome.notes),
        "waivers": [{"run_id": run.run_id, **plain(each)} for each in outcome.waivers],
        "started_at": plain(run.started_at),
        "finished_at": plain(run.finished_at),
        "ledger": plain(outcome.ledger),
    }


def _found(outcome: Outcome) -> dict[str, Any]:
    """The features; of a test of transforms, the laws."""
    run_id = outcome.run.run_id
    if outcome.run.mode is Mode.TRANSFORMS:
        return {"laws": [law_object(run_id, each) for each in outcome.laws]}
    return {"features": [feature_object(run_id, each) for each in outcome.features]}


def law_object(run_id: str, result: LawResult) -> dict[str, Any]:
    """One law of one transform under the names of the ledger's table `laws`."""
    return {"run_id": run_id, **{each.name: plain(getattr(result, each.name)) for each in fields(LawResult)}}


def feature_object(run_id: str, feature: FeatureResult) -> dict[str, Any]:
    """One feature under the names of the ledger's table `features`, with its causes beside them."""
    return {"run_id": run_id, **{name: plain(getattr(feature, name)) for name in COLUMNS}}


def error_object(*, command: str, mode: Mode, repo: str | None, message: str, exit_code: int, skewguard: str) -> Any:
    """What stands in the place of a result where there is none: the same keys, and why."""
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": None,
        "command": command,
        "verdict": Verdict.ERROR.value,
        "exit_code": exit_code,
        "repo": repo,
        "project": None,
        "mode": mode.value,
        "as_of": None,
        "sample": {"rows": None, "seed": None},
        "versions": {"skewguard": skewguard, "feast": None, "duckdb": None, "pandas": None, "python": None},
        "laws" if mode is Mode.TRANSFORMS else "features": [],
        "skipped": [],
        "errors": [{"feature": None, "message": message}],
        "notes": [],
        "waivers": [],
        "started_at": None,
        "finished_at": None,
        "ledger": None,
    }


def refusal(command: str, *, message: str, exit_code: int) -> dict[str, Any]:
    """What a command about earlier runs says where it has no answer."""
    return {
        "schema_version": SCHEMA_VERSION,
        "command": command,
        "verdict": Verdict.ERROR.value,
        "exit_code": exit_code,
        "errors": [{"feature": None, "message": message}],
    }


def plain(value: Any) -> Any:
    """A value in JSON's own types: times as ISO-8601 in UTC, intervals as seconds, non-finite numbers as text."""
    match value:
        case Enum():
            return value.value
        case float() if math.isnan(value):
            return "NaN"
        case float() if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Path():
            return str(value)
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
        case ContractFinding() | Leaked() | Waived():
            return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
        case _:
            return value


def _versions(run: RunRecord) -> dict[str, str | None]:
    return {
        "skewguard": run.skewguard_version,
        "feast": run.feast_version,
        "duckdb": run.duckdb_version,
        "pandas": run.pandas_version,
        "python": run.python_version,
    }
