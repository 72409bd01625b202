"""A stored run read back as the result that the check had: what every report renders, then as now."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb

from skewguard import sql
from skewguard.ledger.beside import Remark
from skewguard.ledger.file import PACKAGE
from skewguard.ledger.runs import StoredRun, example, read_run, rows
from skewguard.model import (
    ContractFinding,
    EventTime,
    Example,
    FeatureResult,
    Latency,
    Law,
    LawResult,
    LawVerdict,
    Leaked,
    Origin,
    Outcome,
    Place,
    Promise,
    Skipped,
    Standing,
    Verdict,
    ViewError,
    Waived,
)

EXAMPLES = 3  # of a feature


def read_outcome(connection: duckdb.DuckDBPyConnection, reference: str, *, ledger: Path) -> Outcome:
    """The run that `reference` means, read from the open `ledger`, as its check or diff returned it.

    Runs of schema version 1 come back without what was not kept then: what they skipped, failed at and noted.
    """
    stored = read_run(connection, reference, examples=0)
    run, run_id = stored.run, stored.run.run_id
    said = {kind: [row for row in _beside(connection, "remarks", run_id) if row["kind"] == kind] for kind in Remark}
    waived = _by_feature(_beside(connection, "waived", run_id))
    strict, exit_zero = (bool(run.config.get(name)) for name in ("strict", "exit_zero"))
    return Outcome(
        run=run,
        exit_code=run.verdict.exit_code(strict=strict, exit_zero=exit_zero),
        features=_features(
            stored,
            waived,
            _by_feature(_beside(connection, "contract", run_id)),
            _by_feature(_beside(connection, "leakage", run_id)),
        ),
        skipped=tuple(Skipped(feature=row["feature"], reason=row["message"]) for row in said[Remark.SKIPPED]),
        errors=tuple(ViewError(feature=row["feature"], message=row["message"]) for row in said[Remark.ERROR]),
        examples=_examples(connection, stored, looked_past=bool(waived)),
        notes=tuple(row["message"] for row in said[Remark.NOTE]),
        sample_rows=run.config.get("sample"),
        places=tuple(Place(**row) for row in _beside(connection, "places", run_id)),
        latency=tuple(Latency(**row) for row in _beside(connection, "latency", run_id)),
        laws=tuple(map(_law, rows(connection, "read_laws", run_id=run_id))),
        waivers=tuple(
            Waived(**{**row, "standing": Standing(row["standing"])}) for row in _beside(connection, "waivers", run_id)
        ),
        event_times=tuple(
            EventTime(**{**row, "step": timedelta(seconds=row["step"])})
            for row in _beside(connection, "event_times", run_id)
        ),
        ledger=ledger,
    )


def _features(
    stored: StoredRun,
    waived: dict[str, list[dict[str, Any]]],
    contract: dict[str, list[dict[str, Any]]],
    leakage: dict[str, list[dict[str, Any]]],
) -> tuple[FeatureResult, ...]:
    return tuple(
        replace(
            each,
            waived={row["cause"]: row["cells"] for row in waived.get(each.feature, ())},
            contract=tuple(map(_finding, contract.get(each.feature, ()))),
            leakage=tuple(
                Leaked(**{**row, "lag": timedelta(seconds=row["lag"])}) for row in leakage.get(each.feature, ())
            ),
        )
        for each in stored.features
    )


def _finding(row: dict[str, Any]) -> ContractFinding:
    return ContractFinding(**{**row, "side": Origin(row["side"]), "rule": Promise(row["rule"])})


def _law(row: dict[str, Any]) -> LawResult:
    found = row["counterexample"]
    typed = {
        "law": Law(row["law"]),
        "verdict": LawVerdict(row["verdict"]),
        "examples": row["examples"] or 0,
        "counterexample": None if found is None else json.loads(found),
        "message": row["message"] or "",
    }
    return LawResult(**{**row, **typed})


def _examples(connection: duckdb.DuckDBPyConnection, stored: StoredRun, *, looked_past: bool) -> tuple[Example, ...]:
    shown = _beside(connection, "examples", stored.run.run_id, "read_shown")
    if shown or looked_past:
        return tuple(map(example, shown))
    # A run of schema version 1 does not say which it showed, but had the rule of which it would.
    differing = read_run(connection, stored.run.run_id, examples=EXAMPLES).examples
    found: dict[str, list[Example]] = {
        each.feature: [] for each in stored.features if each.compared and each.verdict is not Verdict.PASS
    }
    for each in differing:
        if each.feature in found:
            found[each.feature].append(each)
    return tuple(each for examples in found.values() for each in examples)


def _beside(
    connection: duckdb.DuckDBPyConnection, table: str, run_id: str, statement: str | None = None
) -> list[dict[str, Any]]:
    """The rows of a table that ledgers of schema version 1, which are read as they are, do not have."""
    there = {name for (name,) in connection.execute(sql.text(PACKAGE, "tables")).fetchall()}
    return rows(connection, statement or f"read_{table}", run_id=run_id) if f"main.{table}" in there else []


def _by_feature(found: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        grouped.setdefault(row["feature"], []).append({name: row[name] for name in row if name != "feature"})
    return grouped
