"""Writing one finished run to the ledger: whole or not at all, and not lost where the ledger stays locked."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa

from skewguard import sql
from skewguard.errors.ledger import LedgerError, LedgerLocked, LedgerWriteFailed
from skewguard.ledger.beside import BESIDE
from skewguard.ledger.file import (
    ALIAS,
    PACKAGE,
    WRITE_PATIENCE,
    Opening,
    Pause,
    attached,
    first_line,
    resolved,
    transaction,
)
from skewguard.ledger.schema import SCHEMA_VERSION, bring_up_to_date, create
from skewguard.ledger.shape import must_be_ours
from skewguard.ledger.writable import must_be_writable
from skewguard.model import FeatureResult, Outcome, RunRecord

Rows: TypeAlias = pa.Table | pa.RecordBatchReader | duckdb.DuckDBPyRelation
# On a disk that is almost full the log may take the run, and the file not: the next to open both finds it all the same.
COMMITTED = "COMMIT succeeded"
NO_COLUMNS = ("causes", "waived", "contract", "leakage")  # tables and a view of their own
FEATURE_COLUMNS = tuple(each.name for each in fields(FeatureResult) if each.name not in NO_COLUMNS)
LAW_COLUMNS = ("transform", "law", "verdict", "examples", "counterexample", "message")


@dataclass(frozen=True, kw_only=True)
class _Contents:
    """All that one run writes."""

    outcome: Outcome
    entity_rows: Rows
    diffs: Rows
    laws: Sequence[Mapping[str, Any]]


def write_run(
    path: Path | str,
    *,
    run: RunRecord,
    features: Sequence[FeatureResult],
    entity_rows: Rows,
    diffs: Rows,
    laws: Sequence[Mapping[str, Any]] = (),
    connection: duckdb.DuckDBPyConnection | None = None,
    patience: float = WRITE_PATIENCE,
    pause: Pause = time.sleep,
) -> None:
    """As `write_outcome`, of a run that has nothing to say beside its features and laws."""
    write_outcome(
        path,
        Outcome(run=run, exit_code=run.verdict.exit_code(), features=tuple(features)),
        entity_rows=entity_rows,
        diffs=diffs,
        laws=laws,
        connection=connection,
        patience=patience,
        pause=pause,
    )


def write_outcome(
    path: Path | str,
    outcome: Outcome,
    *,
    entity_rows: Rows,
    diffs: Rows,
    laws: Sequence[Mapping[str, Any]] = (),
    connection: duckdb.DuckDBPyConnection | None = None,
    patience: float = WRITE_PATIENCE,
    pause: Pause = time.sleep,
) -> None:
    """Write a run to the ledger at `path`, which is made where there is none; `read_outcome` gives it back.

    `entity_rows` and `diffs` have columns of INTERFACE.md section 4 under their names, in any order; `run_id` is filled
    in, and a column that they lack is null. They should be tables, not pending queries: the ledger is locked meanwhile.
    Relations of `connection` (the check's own, in UTC, outside a transaction) are written without leaving DuckDB.
    Where the lock stays taken for `patience` seconds the run goes to a new ledger beside `path`: LedgerLocked says
    where. Raises LedgerWriteFailed, with nothing written, where the disk is full or the run is there already.
    """
    place = resolved(path)
    contents = _Contents(outcome=outcome, entity_rows=entity_rows, diffs=diffs, laws=laws)
    try:
        _write(place, contents, connection, patience, pause)
    except LedgerLocked as error:
        kept = place.with_name(f"{place.stem}-{outcome.run.run_id}{place.suffix}")
        try:
            _write(kept, contents, connection, 0, pause)
        except LedgerError:
            raise error from None
        raise LedgerLocked(place, waited=error.waited, holder=error.holder, kept=kept) from error


def _write(
    place: Path,
    contents: _Contents,
    given: duckdb.DuckDBPyConnection | None,
    patience: float,
    pause: Pause,
) -> None:
    must_be_writable(place)
    connection = sql.connect() if given is None else given
    try:
        if not place.exists():
            create(connection, place)
        with attached(connection, place, Opening.WRITE, patience=patience, pause=pause):
            bring_up_to_date(connection, place)
            must_be_ours(connection, place, SCHEMA_VERSION)
            if _is_there(connection, contents.outcome.run.run_id):
                raise LedgerWriteFailed(place, f"it has a run {contents.outcome.run.run_id} already.")
            with transaction(connection):
                _append(connection, contents, relations_are_ours=given is not None)
    except duckdb.Error as error:
        if not (COMMITTED in str(error) and _is_kept(place, contents.outcome.run.run_id)):
            raise LedgerWriteFailed(place, first_line(error)) from error
    finally:
        if given is None:
            connection.close()


def _is_kept(place: Path, run_id: str) -> bool:
    """Whether the ledger holds the run, for whoever opens it now."""
    with sql.connect() as connection, attached(connection, place, Opening.READ, patience=0):
        return _is_there(connection, run_id)


def _is_there(connection: duckdb.DuckDBPyConnection, run_id: str) -> bool:
    return (run_id,) in connection.execute(sql.text(PACKAGE, "run_ids")).fetchall()


def _append(connection: duckdb.DuckDBPyConnection, contents: _Contents, *, relations_are_ours: bool) -> None:
    run_id = contents.outcome.run.run_id
    connection.execute(sql.text(PACKAGE, "insert_run"), _run_row(contents.outcome.run))
    found = [{name: _plain(getattr(each, name)) for name in FEATURE_COLUMNS} for each in contents.outcome.features]
    _insert_lists(connection, "features", run_id, FEATURE_COLUMNS, found)
    own = [{name: _plain(getattr(each, name)) for name in LAW_COLUMNS} for each in contents.outcome.laws]
    laws = [{**law, "counterexample": _json(law.get("counterexample"))} for law in (*own, *contents.laws)]
    _insert_lists(connection, "laws", run_id, LAW_COLUMNS, laws)
    for table, (columns, each_row) in BESIDE.items():
        _insert_lists(connection, table, run_id, columns, [*each_row(contents.outcome)])
    for table, rows in (("entity_rows", contents.entity_rows), ("diffs", contents.diffs)):
        if isinstance(rows, duckdb.DuckDBPyRelation):
            relation = rows if relations_are_ours else connection.from_arrow(rows.to_arrow_reader())
        else:
            relation = connection.from_arrow(rows)
        _insert_rows(connection, table, run_id, relation)


def _insert_rows(connection: duckdb.DuckDBPyConnection, table: str, run_id: str, rows: duckdb.DuckDBPyRelation) -> None:
    place = f"{ALIAS}.main.{table}"
    columns, there = connection.table(place).columns, set(rows.columns)
    if unknown := there - set(columns):
        raise ValueError(f"the ledger's table {table} has no column {sorted(unknown)}")

    def column(name: str) -> duckdb.Expression:
        if name == "run_id":
            return duckdb.ConstantExpression(run_id)
        return duckdb.ColumnExpression(name) if name in there else duckdb.ConstantExpression(None)

    rows.select(*(column(name).alias(name) for name in columns)).insert_into(place)


def _insert_lists(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    run_id: str,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    # Lists as parameters, not a frame: those make DuckDB import pandas, which costs more than all of this.
    if rows:
        lists = {name: [row.get(name) for row in rows] for name in columns}
        connection.execute(sql.text(PACKAGE, f"insert_{table}"), {"run_id": run_id, **lists})


def _run_row(run: RunRecord) -> dict[str, Any]:
    row = {each.name: _plain(getattr(run, each.name)) for each in fields(run)}
    return {**row, "config": _json(run.config)}


def _json(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return str(value)  # an enum's value
    return list(value) if isinstance(value, tuple) else value
