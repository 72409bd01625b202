"""The runs in a ledger: which there are, which one a RUN means, and its features read back as they were written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from skewguard import sql
from skewguard.errors.ledger import NoRuns, RunAmbiguous, RunUnknown
from skewguard.ledger.file import PACKAGE
from skewguard.ledger.read import ask
from skewguard.model import Blame, Example, FeatureResult, Kind, Mode, RunRecord, Verdict, ViewKind

LATEST = re.compile(r"latest(?:~(\d+))?")


@dataclass(frozen=True, kw_only=True)
class StoredRun:
    """One run as the ledger holds it."""

    run: RunRecord
    features: tuple[FeatureResult, ...]
    examples: tuple[Example, ...]


def list_runs(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """All runs, newest first: id, verdict, command, mode, features, failed ones, skewed cells, when, of what."""
    return ask(connection, sql.text(PACKAGE, "list_runs"))


def resolve_run(connection: duckdb.DuckDBPyConnection, reference: str) -> str:
    """The id that RUN means: an id, the beginning of one, `latest`, or `latest~N` (the Nth before it).

    Raises NoRuns, RunUnknown (with near ids), RunAmbiguous.
    """
    ids = [run_id for (run_id,) in connection.execute(sql.text(PACKAGE, "run_ids")).fetchall()]
    if not ids:
        raise NoRuns
    if reference in ids:
        return reference
    if (age := LATEST.fullmatch(reference)) is not None:
        back = int(age[1] or 0)
        if back >= len(ids):
            raise RunUnknown(reference, ids)
        return str(ids[back])
    matches = [run_id for run_id in ids if reference and run_id.startswith(reference)]
    if len(matches) > 1:
        raise RunAmbiguous(reference, matches)
    if not matches:
        raise RunUnknown(reference, ids)
    return str(matches[0])


def read_run(connection: duckdb.DuckDBPyConnection, reference: str, *, examples: int = 3) -> StoredRun:
    """The run that `reference` means, with up to `examples` differing cells of each feature."""
    run_id = resolve_run(connection, reference)
    (run,) = rows(connection, "read_run", run_id=run_id)
    causes: dict[str, dict[str, int]] = {}
    for row in rows(connection, "read_causes", run_id=run_id):
        causes.setdefault(row["feature"], {})[row["cause"]] = row["cells"]
    features = rows(connection, "read_features", run_id=run_id)
    cells = rows(connection, "read_examples", run_id=run_id, per_feature=examples) if examples else []
    return StoredRun(
        run=_run_record(run),
        features=tuple(_feature(row, causes.get(row["feature"], {})) for row in features),
        examples=tuple(example(row) for row in cells),
    )


def skewed_cells(connection: duckdb.DuckDBPyConnection, run_id: str) -> pa.Table:
    """The cells that were skewed in one run: feature, and entity as JSON."""
    return connection.sql(sql.text(PACKAGE, "skewed_cells"), params={"run_id": run_id}).to_arrow_table()


def seen_values(
    connection: duckdb.DuckDBPyConnection, *, repo: str, project: str, features: list[str], entities: list[str]
) -> pa.Table:
    """Source values in `diffs` of all runs on a repo: feature, entity (JSON), event, value, number and run id."""
    parameters = {"repo": repo, "project": project, "features": features, "entities": entities}
    return connection.sql(sql.text(PACKAGE, "seen_values"), params=parameters).to_arrow_table()


def seen_cells(
    connection: duckdb.DuckDBPyConnection, *, repo: str, project: str, features: list[str], entities: list[str]
) -> pa.Table:
    """What live checks on a repo found in cells that were skewed: feature, entity (JSON), both values, cause, when."""
    parameters = {"repo": repo, "project": project, "features": features, "entities": entities}
    return connection.sql(sql.text(PACKAGE, "seen_cells"), params=parameters).to_arrow_table()


def matched_cells(
    connection: duckdb.DuckDBPyConnection,
    *,
    repo: str,
    project: str,
    features: list[str],
    entities: list[str],
    since: datetime,
) -> pa.Table:
    """Cells that matched in live checks on a repo begun after `since`: feature, entity (JSON), as_of."""
    # As text: DuckDB's Python parameters of times with a zone need pytz.
    parameters = {"repo": repo, "project": project, "features": features, "entities": entities}
    statement = sql.text(PACKAGE, "matched_cells")
    return connection.sql(statement, params={**parameters, "since": since.isoformat()}).to_arrow_table()


def rows(connection: duckdb.DuckDBPyConnection, statement: str, **parameters: Any) -> list[dict[str, Any]]:
    """The answer to one of this package's SQL files."""
    # By way of Arrow: DuckDB's own rows need pytz for times with a zone.
    relation = connection.sql(sql.text(PACKAGE, statement), params=parameters)
    answer: list[dict[str, Any]] = relation.to_arrow_table().to_pylist()
    return answer


def _run_record(row: dict[str, Any]) -> RunRecord:
    typed = {"mode": Mode(row["mode"]), "verdict": Verdict(row["verdict"]), "config": json.loads(row["config"] or "{}")}
    return RunRecord(**_known(RunRecord, {**row, **typed}))


def _known(noun: type[FeatureResult | RunRecord], row: dict[str, Any]) -> dict[str, Any]:
    """What the noun has a place for: another program may have added columns, and `run_id` leads every table."""
    names = {each.name for each in fields(noun)}
    return {name: value for name, value in row.items() if name in names}


def _feature(row: dict[str, Any], causes: dict[str, int]) -> FeatureResult:
    lag = row["max_freshness_lag"]
    typed = {
        "view_kind": ViewKind(row["view_kind"]) if row["view_kind"] else None,
        "max_freshness_lag": None if lag is None else timedelta(seconds=lag),
        "verdict": Verdict(row["verdict"]),
        "notes": tuple(row["notes"] or ()),
    }
    return FeatureResult(**_known(FeatureResult, {**row, **typed}), causes=causes)


def example(row: dict[str, Any]) -> Example:
    """A cell as it is shown. Where a read raised, what it said stands in the place of the online value."""
    reason = json.loads(row.pop("evidence") or "{}").get("reason")
    typed = {
        "entity": json.loads(row["entity"] or "{}"),
        "kind": Kind(row["kind"]),
        "blame": Blame(row["blame"]) if row["blame"] else None,
        "online_value": row["online_value"] if reason is None else str(reason),
    }
    return Example(**{**row, **typed})
